/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reports: the spelling of numbers, and that nothing from a log or a study
 * reaches a page, a script or a path untreated. */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "report/bib.h"
#include "report/escape.h"
#include "report/report.h"
#include "report/results.h"
#include "report/value.h"

static char *slurp(const char *dir, const char *name)
{
    char *path = mem_format("%s/%s", dir, name), *text = NULL;
    FILE *in = fopen(path, "rb");
    if (!in)
        fail_msg("%s: cannot be read", path);
    free(path);
    size_t n = 0, got;
    do {
        text = mem_resize(text, n + 65537, 1);
        n += got = fread(text + n, 1, 65536, in);
    } while (got);
    fclose(in);
    text[n] = '\0';
    return text;
}

static json_t *sample(void)
{
    json_error_t at;
    json_t *r = json_load_file("tests/data/results-sample.json", 0, &at);
    if (!r)
        fail_msg("sample: line %d: %s", at.line, at.text);
    return r;
}

/* Every string of results, apart from those that the schema restricts. */
static void replace_texts(json_t *v, const char *text)
{
    static const char *const restricted[] = {"id",      "verdict", "style", "type",
                                             "x_scale", "y_scale", NULL};
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach(v, key, member)
    {
        int keep = 0;
        for (size_t k = 0; restricted[k]; k++)
            keep |= strcmp(key, restricted[k]) == 0;
        if (json_is_string(member) && !keep)
            json_string_set(member, text);
        else
            replace_texts(member, text);
    }
    json_array_foreach(v, i, member)
    {
        if (json_is_string(member))
            json_string_set(member, text);
        else
            replace_texts(member, text);
    }
}

struct rendered {
    char dir[32];
    struct report_done done;
    char *html, *text, *verdict;
};

static void render(struct rendered *p, const json_t *results)
{
    struct err err = {0};
    strcpy(p->dir, "/tmp/dnsclaim-report-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    if (report_write(&p->done, results, p->dir, NULL, &err) < 0)
        fail_msg("%s", err.msg);
    p->html = slurp(p->dir, "report.html");
    p->text = slurp(p->dir, "report.txt");
    p->verdict = slurp(p->dir, "verdict.txt");
}

static void rendered_free(struct rendered *p)
{
    char *command = mem_format("rm -r %s", p->dir);
    assert_int_equal(system(command), 0);
    free(command);
    free(p->html);
    free(p->text);
    free(p->verdict);
}

static void assert_number(double v, const char *expected)
{
    char out[VALUE_TEXT_MAX];
    assert_string_equal(value_number(out, v), expected);
}

static void people_read_three_significant_digits_and_whole_numbers_in_full(void **state)
{
    (void)state;
    assert_number(14.5678, "14.6");
    assert_number(0.012345, "0.0123");
    assert_number(0.5, "0.5");
    assert_number(2204, "2,204");
    assert_number(1234567, "1,234,567");
    assert_number(19361.5, "19,400");
    assert_number(-1234.56, "-1,230");
    assert_number(999.6, "1,000");
    assert_number(0.00001234, "1.23e-5");
    assert_number(4.1e9, "4.1e9");
    assert_number(0, "0");
    assert_number(NAN, "-");
}

static void a_number_is_rounded_where_its_uncertainty_has_two_digits(void **state)
{
    (void)state;
    char out[VALUE_TEXT_MAX];
    assert_string_equal(value_within(out, 14.5678, 1.75), "14.6");
    assert_string_equal(value_within(out, 14.5, .012), "14.500");
    assert_string_equal(value_within(out, 1234567, 3456), "1,234,600");
    assert_string_equal(value_within(out, .1234, 450), "0.12"); /* far end of the interval */
    assert_string_equal(value_within(out, 0, .31), "0.00");
    assert_string_equal(value_within(out, -.001, .5), "-0.0010");
    assert_string_equal(value_within(out, 14.5678, NAN), "14.6");
    assert_string_equal(value_within(out, NAN, 1), "-");
}

static void spelled(void (*escape)(FILE *, const char *), const char *s, const char *expected)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    escape(out, s);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
}

static void latex(FILE *out, const char *s)
{
    escape_latex(out, s, 8);
}

static void marks_of_tex_markdown_and_spreadsheets_are_text(void **state)
{
    (void)state;
    spelled(latex, "50 % of \\x_1", "50 \\% of \\textbackslash{}x\\_1");
    spelled(latex, "abcdefghij", "abcd\\hspace{0pt}efgh\\hspace{0pt}ij");
    spelled(latex, "abcdefgh", "abcdefgh");
    spelled(latex, "\u0430", "\\textbackslash{}u\\{430\\}");
    spelled(escape_markdown, "[a](b)*c*|<d>", "\\[a\\](b)\\*c\\*\\|&lt;d&gt;");
    spelled(escape_markdown, "# no", "\\# no");
    spelled(escape_markdown, "1. no", "1\\. no");
    spelled(escape_markdown, "192.0.2.1", "192.0.2.1");
    spelled(escape_markdown, "WWW.a.example", "WWW\\.a.example");
    spelled(escape_csv, "=1+1", "\"'=1+1\"");
    spelled(escape_csv, "a \"b\"", "\"a \"\"b\"\"\"");
}

static void a_cite_is_one_key_a_work_and_every_key_has_an_entry(void **state)
{
    (void)state;
    char keys[DOC_KEYS_MAX];
    assert_string_equal(bib_keys(keys,
                                 "Besag & Clifford 1989 (Biometrika 76:633); Amarasingham "
                                 "et al. 2012 (J. Neurophysiology)"),
                        "Besag1989,Amarasingham2012");
    assert_string_equal(bib_keys(keys, "RFC 1536"), "RFC1536");
    assert_string_equal(bib_keys(keys, "methods.md C3"), "");
    assert_string_equal(bib_keys(keys, ""), "");
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    json_t *r = json_pack("{s:s}", "cite", "Nobody_%x 1999 (A & B)");
    bib_write(out, r);
    fclose(out);
    assert_non_null(strstr(text, "@misc{Nobody1999,"));
    assert_non_null(strstr(text, "Nobody\\_\\%x 1999 (A \\& B)"));
    assert_non_null(strstr(text, "@article{Holm1979,"));
    json_decref(r);
    free(text);
}

static void p_is_spelled_from_its_logarithm_and_never_as_0(void **state)
{
    (void)state;
    char out[VALUE_TEXT_MAX];
    assert_string_equal(value_p(out, log10(0.0813)), "0.0813");
    assert_string_equal(value_p(out, 0), "1");
    assert_string_equal(value_p(out, -136.9208), "1.2e-137");  /* 10^0.0792 = 1.2000 */
    assert_string_equal(value_p(out, -53612.5), "3.2e-53613"); /* 10^0.5 = 3.162 */
    assert_string_equal(value_p(out, -4), "1.0e-4");
    assert_string_equal(value_p(out, -400.0001), "1.0e-400"); /* 9.998e-401 rounds up */
    assert_string_equal(value_p(out, NAN), "-");
}

static void times_and_durations_read_in_their_natural_unit(void **state)
{
    (void)state;
    char out[VALUE_TEXT_MAX];
    assert_string_equal(value_time(out, "2016-05-04T01:06:40Z"), "2016-05-04 01:06 UTC");
    assert_string_equal(value_time(out, ""), "-");
    assert_string_equal(value_seconds(out, 3600), "1 h");
    assert_string_equal(value_seconds(out, 0.01), "10 ms");
    assert_string_equal(value_seconds(out, 172800), "2 d");
    assert_string_equal(value_seconds(out, NAN), "unknown");
}

static void every_reason_code_of_the_schema_has_words(void **state)
{
    (void)state;
    json_error_t at;
    json_t *schema = json_load_file("docs/results.schema.json", 0, &at);
    assert_non_null(schema);
    json_t *defs = json_object_get(schema, "$defs");
    json_t *codes = json_object_get(json_object_get(defs, "why"), "enum"), *code;
    size_t i;
    assert_true(json_array_size(codes) > 20);
    json_array_foreach(codes, i, code) if (json_is_string(code) &&
                                           strcmp(value_words(json_string_value(code)),
                                                  json_string_value(code)) == 0)
        fail_msg("no words for %s", json_string_value(code));
    json_decref(schema);
}

static void marks_that_reorder_or_hide_text_are_shown(void **state)
{
    (void)state;
    char *s = escape_plain("a\u202eb\u200bc\ufeffd\x1b[31m\ne");
    assert_string_equal(s, "a\\u{202e}b\\u{200b}c\\u{feff}d\\u{1b}[31m e");
    free(s);
    s = escape_plain(
        "caf\u00e9 \u0645\u0648 \U0001f600"); /* letters stay, also right-to-left */
    assert_string_equal(s, "caf\u00e9 \u0645\u0648 \U0001f600");
    free(s);
}

static size_t occurrences(const char *text, const char *of)
{
    size_t n = 0;
    while ((text = strstr(text, of)))
        n++, text += strlen(of);
    return n;
}

static void markup_in_any_text_stays_text(void **state)
{
    (void)state;
    static const char evil[] = "x</td></p><script>alert(1)</script><img src=x onerror=y>&\"'";
    json_t *r = sample();
    replace_texts(r, evil);
    struct rendered p;
    render(&p, r);
    assert_int_equal(occurrences(p.html, "<script"), 1); /* the page's own */
    assert_null(strstr(p.html, "<img"));
    assert_non_null(strstr(p.html, "x&lt;/td&gt;&lt;/p&gt;&lt;script&gt;alert(1)"));
    rendered_free(&p);
    json_decref(r);
}

static void a_back_tick_or_quote_in_a_label_runs_nothing(void **state)
{
    (void)state;
    unlink("/tmp/dnsclaim-was-run");
    json_t *r = sample();
    replace_texts(r,
                  "a`touch /tmp/dnsclaim-was-run`'b\"; system('touch /tmp/dnsclaim-was-run') "
                  "#{/Symbol a}@b\\");
    struct rendered p;
    render(&p, r);
    assert_int_equal(access("/tmp/dnsclaim-was-run", F_OK), -1);
    assert_int_equal(p.done.missing, 0); /* and the figures are drawn all the same */
    assert_non_null(strstr(p.html, "a`touch"));
    rendered_free(&p);
    json_decref(r);
}

static void no_bidirectional_mark_reaches_a_page(void **state)
{
    (void)state;
    json_t *r = sample();
    replace_texts(r, "moc.\u202eelgoog\u2066x\u200f");
    struct rendered p;
    render(&p, r);
    static const char *const marks[] = {"\u202e", "\u2066", "\u200f"};
    for (size_t i = 0; i < 3; i++) {
        assert_null(strstr(p.html, marks[i]));
        assert_null(strstr(p.text, marks[i]));
        assert_null(strstr(p.verdict, marks[i]));
    }
    rendered_free(&p);
    json_decref(r);
}

static void no_line_of_text_is_wider_than_96_characters(void **state)
{
    (void)state;
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    json_t *r = sample();
    replace_texts(r, name);
    struct rendered p;
    render(&p, r);
    for (const char *s = p.text; *s;) {
        s += *s == '\f'; /* a new page of paper */
        size_t n = strcspn(s, "\n"), wide = 0;
        for (size_t i = 0; i < n; i++)
            wide += ((unsigned char)s[i] & 0xc0) != 0x80;
        if (wide > 96 && strncmp(s, "  | ", 4) != 0) /* the study file stands as it is */
            fail_msg("%zu characters: %.*s", wide, (int)n, s);
        s += n + (s[n] == '\n');
    }
    rendered_free(&p);
    json_decref(r);
}

/* "192.0.2." and below it "1" is another address; but no name may push a page wider. */
static void an_address_is_not_broken_over_lines_and_a_long_name_is(void **state)
{
    (void)state;
    json_t *r = sample();
    json_t *s = json_array_get(
        json_object_get(json_array_get(json_object_get(r, "claims"), 0), "subjects"), 0);
    json_object_set_new(s, "clients",
                        json_pack("[s]", "2001:db8:1111:2222:3333:4444:5555:6666"));
    json_object_set_new(
        s, "names",
        json_pack("[ss]", "a.example", "a-name-of-more-characters-than-the-longest.example"));
    struct rendered p;
    render(&p, r);
    assert_non_null(strstr(p.html, "<td class=\"w\" data-c=\"Clients\">2001:db8:1111:2222:"));
    assert_non_null(strstr(p.html, "<td data-c=\"Names\">a.example, a-name-of-more"));
    assert_non_null(strstr(p.html, "td.w{overflow-wrap:normal}"));
    rendered_free(&p);
    json_decref(r);
}

/* Else wide headings of narrow numbers take the room of the words beside them. */
static void a_heading_breaks_before_the_words_of_another_column_do(void **state)
{
    (void)state;
    json_t *r = sample(), *n;
    size_t i;
    json_t *nulls = json_object_get(json_array_get(json_object_get(r, "claims"), 0), "nulls");
    json_array_foreach(nulls, i, n)
    {
        json_object_set_new(n, "label", json_string("twenty plain letters"));
        json_object_set_new(n, "note", json_string("needs twenty letters"));
        json_object_set_new(n, "u", json_real(7));
        json_object_set_new(n, "power", json_null());
    }
    struct rendered p;
    render(&p, r);
    assert_non_null(strstr(p.verdict, "\n  twenty plain letters"));
    assert_non_null(strstr(p.verdict, "needs twenty letters\n"));
    rendered_free(&p);
    json_decref(r);
}

static void an_id_is_never_a_path(void **state)
{
    (void)state;
    json_t *r = sample();
    json_t *plot = json_array_get(
        json_object_get(json_array_get(json_object_get(r, "claims"), 0), "plots"), 0);
    json_object_set_new(plot, "id", json_string("../../../x'; y"));
    struct rendered p;
    render(&p, r);
    char *script = slurp(p.dir, "figures/1-volume-_________x___y.gp");
    assert_non_null(strstr(script, "set output '1-volume-_________x___y.svg'"));
    free(script);
    rendered_free(&p);
    json_decref(r);
}

static void the_same_results_give_the_same_bytes(void **state)
{
    (void)state;
    json_t *r = sample();
    struct rendered a, b;
    render(&a, r);
    render(&b, r);
    assert_string_equal(a.html, b.html);
    assert_string_equal(a.text, b.text);
    assert_string_equal(a.verdict, b.verdict);
    rendered_free(&a);
    rendered_free(&b);
    json_decref(r);
}

static void without_gnuplot_the_report_names_each_figure_left_out(void **state)
{
    (void)state;
    char *before = mem_format("%s", getenv("PATH"));
    json_t *r = sample();
    struct rendered p;
    setenv("PATH", "/nonexistent", 1);
    render(&p, r);
    setenv("PATH", before, 1);
    free(before);
    assert_int_equal(p.done.figures, 0);
    assert_int_equal(p.done.missing, 7);
    assert_null(strstr(p.html, "<svg"));
    assert_non_null(strstr(p.html, "7 of 7 figures were not drawn (gnuplot: No such file"));
    assert_non_null(strstr(p.text, "- 4-office-hours: Rate by hour of the day"));
    rendered_free(&p);
    json_decref(r);
}

static void simulated_stands_first_on_every_section_and_only_when_it_is(void **state)
{
    (void)state;
    json_t *r = sample();
    struct rendered p;
    render(&p, r);
    assert_int_equal(strncmp(p.verdict, "SIMULATED: illustration", 23), 0);
    assert_int_equal(occurrences(p.verdict, "SIMULATED: "), 1 + 4); /* title, claims */
    assert_int_equal(occurrences(p.html, "<div class=\"simulated\""), 1);
    rendered_free(&p);
    json_object_set_new(r, "simulated", json_null());
    render(&p, r);
    assert_null(strstr(p.text, "SIMULATED"));
    assert_null(strstr(p.html, "class=\"simulated\""));
    assert_null(strstr(p.text, "Simulated:"));
    rendered_free(&p);
    json_decref(r);
}

static void only_the_analyst_uses_words_that_say_more_than_a_lookup_does(void **state)
{
    (void)state;
    static const char *const words[] = {"connect", "contact", "communicat", "channel",
                                        "talk",    "beacon",  "suspicious"};
    json_t *r = sample();
    replace_texts(r, "z"); /* what is left is the renderers' own */
    struct rendered p;
    render(&p, r);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        assert_null(strcasestr(p.html, words[i]));
        assert_null(strcasestr(p.text, words[i]));
    }
    rendered_free(&p);
    json_decref(r);
}

static void an_edited_file_without_members_renders(void **state)
{
    (void)state;
    json_t *r = json_pack("{s:s, s:[{}, {s:[{}], s:[{s:[{}]}]}]}", "dnsclaim", "x", "claims",
                          "nulls", "plots", "series");
    assert_non_null(r);
    struct rendered p;
    render(&p, r);
    assert_non_null(strstr(p.html, "Claim 2"));
    rendered_free(&p);
    json_decref(r);
}

static void a_folder_without_results_is_refused_by_name(void **state)
{
    (void)state;
    struct err err;
    json_t *r = NULL;
    assert_fails(ERR_IO, "/nonexistent/results.json", report_load(&r, "/nonexistent", &err));
    assert_null(r);
}

static void ids_of_figures_on_one_page_do_not_clash(void **state)
{
    (void)state;
    json_t *r = sample();
    struct rendered p;
    render(&p, r);
    assert_int_equal(occurrences(p.html, "<svg "), 7);
    assert_int_equal(occurrences(p.html, "id='f1-gpDot'"), 1);
    assert_int_equal(occurrences(p.html, "id='gpDot'"), 0);
    rendered_free(&p);
    json_decref(r);
}

/* The sheet of claim i alone, its lines joined. */
static char *sheet_of(json_t *r, size_t i)
{
    json_t *one = json_pack("[O]", json_array_get(value_list(r, "claims"), i));
    json_object_set_new(r, "claims", one);
    struct rendered p;
    render(&p, r);
    char *out = mem_copy(p.verdict, strlen(p.verdict));
    for (char *c = out; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    rendered_free(&p);
    json_decref(r);
    return out;
}

static void assert_says(json_t *r, size_t i, const char *words, size_t times)
{
    char *sheet = sheet_of(r, i);
    if (occurrences(sheet, words) != times)
        fail_msg("expected %zu times '%s' in: %s", times, words, sheet);
    free(sheet);
}

/* A bound of a kind in which less is more of the claim is a least value, for its denial too. */
static void what_is_left_room_for_is_a_most_or_a_least_by_the_kind(void **state)
{
    (void)state;
    static const struct {
        const char *feature, *direction, *words;
    } table[] = {
        {"hours", "more", "Leaves room for: the most that the effect can be"},
        {"hours", "less", "Leaves room for: the most that the effect can be"},
        {"regular", "less", "Leaves room for: the least that the effect can be"},
        {"regular", "more", "Leaves room for: the least that the effect can be"},
    };
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        json_t *r = sample(), *c = json_array_get(value_list(r, "claims"), 3);
        json_object_set_new(c, "feature", json_string(table[k].feature));
        json_object_set_new(c, "direction", json_string(table[k].direction));
        assert_says(r, 3, table[k].words, 1);
    }
}

/* Of 400 draws none is not 0; who denies an effect asks how often a log of it shows as much. */
static void severity_is_read_for_the_claim_or_for_its_denial(void **state)
{
    (void)state;
    static const struct {
        const char *direction;
        double value, lo, hi;
        const char *words;
    } table[] = {
        {"more", .96, .94, .98,
         "Had the effect been only what is claimed, 3, a share of 0.040 (0.020 to 0.060) of "
         "logs "
         "would show as much as this one (severity 0.960 (0.940 to 0.980), by"},
        {"more", 1, .9908, 1,
         "a share of at most 0.0092 of logs would show as much as this one (severity at least "
         "0.9908, by"},
        {"more", 0, 0, .0092,
         "a share of at least 0.9908 of logs would show as much as this one (severity at most "
         "0.0092, by"},
        {"less", 0, 0, .0092,
         "Had the effect been what this claim denies, 3, a share of at least 0.9908 of logs "
         "would show as much as this one (severity at least 0.9908, by"},
        {"more", 1 - 1e-9, NAN, NAN,
         "a share of at most 0.0001 of logs would show as much as this one (severity at least "
         "0.9999, by"},
    };
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        json_t *r = sample(), *c = json_array_get(value_list(r, "claims"), 0);
        json_t *s = json_object_get(json_array_get(value_list(c, "nulls"), 1), "severity");
        json_object_set_new(c, "direction", json_string(table[k].direction));
        value_set_real(s, "value", table[k].value);
        value_set_real(s, "lo", table[k].lo);
        value_set_real(s, "hi", table[k].hi);
        assert_says(r, 0, table[k].words, 1);
    }
    json_t *r = sample(), *c = json_array_get(value_list(r, "claims"), 0);
    json_object_set_new(c, "direction", json_string("less"));
    assert_says(r, 0, "A large share says that the effect falls short of what is denied", 1);
}

static const char *words_of(const json_t *rivals, size_t row)
{
    return value_text(json_array_get(value_list(rivals, "rows"), row), "words");
}

/* A model that does not look like the data cannot win; one that does gets the scale's words;
 * what is not distinguishable gets none of them, whoever fits. */
static void a_ratio_for_a_model_that_does_not_fit_is_void_in_print(void **state)
{
    (void)state;
    struct scenario written = {0};
    struct study_claim claim = {.model = {.file = "model.yaml", .scenario = &written}};
    const struct rival *v = &rival_table[0];
    struct evidence_row rows[] = {
        {.fit = .002, .ln_lr = NAN, .ln_lr_se = NAN},
        {.rival = v, .fit = .3, .ln_lr = log(50), .apart = true, .vetoed = true},
        {.rival = v,
         .fit = .3,
         .ln_lr = -log(50),
         .ln_lo = -log(99),
         .ln_hi = -log(25),
         .apart = true},
        {.rival = v, .fit = .3, .ln_lr = log(3), .vetoed = true},
        {.rival = v,
         .fit = .3,
         .ln_lr = -log(500),
         .ln_lo = -log(1000),
         .ln_hi = -log(99),
         .apart = true},
        {.rival = v,
         .fit = .3,
         .ln_lr = log(3),
         .ln_lo = -log(4),
         .ln_hi = log(36),
         .enough = 700},
    };
    struct claim_result r = {.trial = {.claim = &claim},
                             .evidence = {.rows = rows,
                                          .nrows = 6,
                                          .claimant = true,
                                          .best = 2,
                                          .cap = log(100),
                                          .logs = 600}};
    json_t *j = results_rivals(&r);
    assert_string_equal(words_of(j, 0), "");
    assert_string_equal(words_of(j, 1), "void: the likelier does not fit the data");
    assert_string_equal(words_of(j, 2), "moderate");
    assert_string_equal(words_of(j, 3), "not distinguishable");
    assert_string_equal(words_of(j, 4), "moderate"); /* 500 is "moderately strong", 99 is not */
    assert_string_equal(words_of(j, 5), "not computed");
    const json_t *vague = json_array_get(value_list(j, "rows"), 5);
    assert_true(isnan(value_real(vague, "log10_lr")));
    assert_close(value_real(vague, "draws_needed"), 700, 1e-12);
    assert_int_equal(json_array_size(value_list(vague, "mimic")), 0);
    assert_close(value_real(j, "log10_cap"), 2, 1e-12);
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ratio_for_a_model_that_does_not_fit_is_void_in_print),
        cmocka_unit_test(people_read_three_significant_digits_and_whole_numbers_in_full),
        cmocka_unit_test(a_number_is_rounded_where_its_uncertainty_has_two_digits),
        cmocka_unit_test(marks_of_tex_markdown_and_spreadsheets_are_text),
        cmocka_unit_test(a_cite_is_one_key_a_work_and_every_key_has_an_entry),
        cmocka_unit_test(p_is_spelled_from_its_logarithm_and_never_as_0),
        cmocka_unit_test(times_and_durations_read_in_their_natural_unit),
        cmocka_unit_test(every_reason_code_of_the_schema_has_words),
        cmocka_unit_test(marks_that_reorder_or_hide_text_are_shown),
        cmocka_unit_test(markup_in_any_text_stays_text),
        cmocka_unit_test(a_back_tick_or_quote_in_a_label_runs_nothing),
        cmocka_unit_test(no_bidirectional_mark_reaches_a_page),
        cmocka_unit_test(no_line_of_text_is_wider_than_96_characters),
        cmocka_unit_test(an_address_is_not_broken_over_lines_and_a_long_name_is),
        cmocka_unit_test(a_heading_breaks_before_the_words_of_another_column_do),
        cmocka_unit_test(an_id_is_never_a_path),
        cmocka_unit_test(the_same_results_give_the_same_bytes),
        cmocka_unit_test(without_gnuplot_the_report_names_each_figure_left_out),
        cmocka_unit_test(simulated_stands_first_on_every_section_and_only_when_it_is),
        cmocka_unit_test(only_the_analyst_uses_words_that_say_more_than_a_lookup_does),
        cmocka_unit_test(an_edited_file_without_members_renders),
        cmocka_unit_test(a_folder_without_results_is_refused_by_name),
        cmocka_unit_test(ids_of_figures_on_one_page_do_not_clash),
        cmocka_unit_test(what_is_left_room_for_is_a_most_or_a_least_by_the_kind),
        cmocka_unit_test(severity_is_read_for_the_claim_or_for_its_denial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
