/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sources.h"

#include <sys/stat.h>

#include "base/mem.h"
#include "ingest/rows.h"

#define ROW_A "2016-07-20T10:55:33.000000000Z 217.12.96.15 mail1.trump-email.com"
#define ROW_B "2016-07-20T10:55:34.500000000Z 217.12.97.15 mail1.trump-email.com"
#define UNKNOWN " -1 -1 -1 -1 \n" /* rcode, ttl, id, port, server */

/* ---- columns --------------------------------------------------------------------- */

static void the_form_of_2016_is_known_by_its_content(void **state)
{
    (void)state;
    put("2016-07-20T10:55:33.000Z|mail1.trump-email.com|217.12.96.15\n"
        "2016-07-20T10:55:34.500Z|mail1.trump-email.com|217.12.97.15\n");
    assert_string_equal(must_read(&plain)->text, ROW_A " 0" UNKNOWN ROW_B " 0" UNKNOWN);
}

static void the_shipped_samples_are_read(void **state)
{
    (void)state;
    static struct got g;
    struct err err = {0};
    struct tz *moscow;
    assert_int_equal(tz_open(&moscow, "Europe/Moscow", &err), 0);
    struct source_opts local = {.zone = moscow};
    assert_int_equal(read_file(&g, "tests/data/delimited/published-2016.psv", &plain, &err), 0);
    assert_string_equal(g.text, ROW_A " 0" UNKNOWN ROW_B " 0" UNKNOWN);
    assert_int_equal(read_file(&g, "tests/data/delimited/quoted-local-time.csv", &local, &err),
                     0);
    assert_string_equal(g.text,
                        ROW_A " 1" UNKNOWN "2016-07-20T10:55:34.500000000Z 217.12.97.15#4711 "
                              "Mail1.Trump-Email.COM. 28" UNKNOWN);
    tz_free(moscow);
}

static void headings_are_known_in_any_case_and_order(void **state)
{
    (void)state;
    static const char *const times[] = {"time", "Timestamp", "ts", "DATE", "datetime"};
    static const char *const clients[] = {"client", "client_ip", "SRC",      "src_ip",
                                          "source", "Resolver",  "id.orig_h"};
    static const char *const names[] = {"qname", "query", "Name", "domain", "rrname"};
    for (size_t i = 0; i < 7; i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "%s,extra,%s,%s\nmail1.trump-email.com,x,217.12.96.15,2016-07-20T10:55:33Z\n",
                 names[i % 5], clients[i], times[i % 5]);
        put(text);
        struct got *g = must_read(&plain);
        assert_string_equal(g->text, ROW_A " 0" UNKNOWN);
        assert_int_equal(g->skips.count[SKIP_HEADER], 1);
    }
}

static void every_column_that_a_log_may_have_is_read(void **state)
{
    (void)state;
    put("ts,id.orig_h,id.orig_p,id.resp_h,trans_id,query,qtype,rcode,ttl\n"
        "1469012133.0,217.12.96.15,1053,192.0.2.53,0x2db8,mail1.trump-email.com,1 (A),"
        "NXDOMAIN,3600\n"
        "1469012134.5,217.12.97.15,-,-,7,mail1.trump-email.com,TYPE65,,\n");
    assert_string_equal(must_read(&plain)->text,
                        ROW_A " 1 3 3600 11704 1053 192.0.2.53\n" ROW_B " 65 -1 -1 7 -1 \n");
}

static void columns_can_be_named_by_the_user(void **state)
{
    (void)state;
    struct source_opts opts = {.columns = "client,-,name,time,qtype"};
    put("host one;secret;single;1469012133;AAAA\n");
    assert_string_equal(must_read(&opts)->text,
                        "2016-07-20T10:55:33.000000000Z host one single 28" UNKNOWN);
    put("a;b;c;d;type\nhost one;secret;single;1469012133;AAAA\n"); /* `type` is known */
    assert_int_equal(must_read(&opts)->skips.count[SKIP_HEADER], 1);
}

static void bad_column_options_say_what_is_wrong(void **state)
{
    (void)state;
    struct err err;
    put("1469012133,a,b\n");
    struct source_opts opts = {.columns = "time,klient,name"};
    assert_fails(ERR_USAGE, "found 'klient'", refuse(&opts, &err));
    opts.columns = "time,name";
    assert_fails(ERR_USAGE, "found no client in 'time,name'", refuse(&opts, &err));
    opts.columns = "time,client,name,ts";
    assert_fails(ERR_USAGE, "expected time once", refuse(&opts, &err));
    opts = (struct source_opts){.columns = "time,client,name", .time_format = "unix"};
    assert_fails(ERR_USAGE, "found 'unix'", refuse(&opts, &err));
    opts = (struct source_opts){.format = "bogus"};
    assert_fails(ERR_USAGE, "delimited", refuse(&opts, &err));
}

static void a_missing_column_is_named_and_the_found_ones_listed(void **state)
{
    (void)state;
    struct err err;
    put("when,query,qtype\nnow,a.example,A\n");
    assert_fails(ERR_MALFORMED, "found no time, no client among 'when', 'query', 'qtype'",
                 refuse(&plain, &err));
    put("1,a.example.com\n0,b.example.com\n");
    assert_fails(ERR_MALFORMED,
                 "no time, no client; columns 0 of times, 0 of client addresses, "
                 "1 of names, in rows like '1', 'a.example.com'",
                 refuse(&plain, &err));
    put("2016-07-20T10:55:33Z,192.0.2.1,192.0.2.53,a.example\n");
    assert_fails(ERR_MALFORMED, "2 of client addresses", refuse(&plain, &err));
    put("time,date,client,name\n");
    assert_fails(ERR_MALFORMED, "found 'time' and 'date'", refuse(&plain, &err));
}

static void the_delimiter_is_the_commonest_of_the_first_line(void **state)
{
    (void)state;
    static const char marks[] = ",|\t;";
    for (size_t i = 0; i < 4; i++) {
        char text[256];
        char d = marks[i];
        snprintf(text, sizeof text,
                 "# notes, here|there\ntime%cclient%cname\n"
                 "2016-07-20T10:55:33Z%c217.12.96.15%cmail1.trump-email.com\n",
                 d, d, d, d);
        put(text);
        assert_string_equal(must_read(&plain)->text, ROW_A " 0" UNKNOWN);
    }
    struct source_opts opts = {.delimiter = ':', .columns = "time,client,name"};
    put("1469012133:a|b,c;d:x\n");
    assert_string_equal(must_read(&opts)->text,
                        "2016-07-20T10:55:33.000000000Z a|b,c;d x 0" UNKNOWN);
}

/* ---- times ----------------------------------------------------------------------- */

static const char *time_of(const char *cell, const struct source_opts *opts)
{
    static char iso[TEXT_TIME_MAX];
    char text[256];
    snprintf(text, sizeof text, "time,client,name\n%s,a,b\n", cell);
    put(text);
    struct got *g = must_read(opts);
    iso[0] = '\0';
    sscanf(g->text, "%39s", iso);
    return iso;
}

static void seconds_to_nanoseconds_are_told_apart_by_size(void **state)
{
    (void)state;
    const char *t = "2016-07-20T10:55:33.123456789Z";
    assert_string_equal(time_of("1469012133.123456789", &plain), t); /* not through a double */
    assert_string_equal(time_of("1469012133123.456789", &plain), t);
    assert_string_equal(time_of("1469012133123456.789", &plain), t);
    assert_string_equal(time_of("1469012133123456789", &plain), t);
    assert_string_equal(time_of("2016-07-20T10:55:33.123456789Z", &plain), t);
    assert_string_equal(time_of("2016-07-20 13:55:33.123456789+03:00", &plain), t);
}

static void a_named_form_overrides_size(void **state)
{
    (void)state;
    struct source_opts ms = {.time_format = "epoch_ms"};
    assert_string_equal(time_of("1469012133", &ms), "1970-01-18T00:03:32.133000000Z");
}

static void the_form_of_most_first_rows_is_the_columns_and_others_are_bad(void **state)
{
    (void)state;
    put("time,client,name\n1469012133,a,b\n1469012134,a,b\n1469012135000,a,b\n"
        "2016-07-20T10:55:33Z,a,b\n,a,b\nyesterday,a,b\n");
    struct got *g = must_read(&plain);
    assert_int_equal(g->lookups, 2);
    assert_int_equal(g->skips.count[SKIP_BAD_TIME], 4);
}

static void a_time_without_zone_needs_to_be_told_whose(void **state)
{
    (void)state;
    struct err err;
    put("time,client,name\n2016-07-20 13:55:33,a,b\n");
    assert_fails(ERR_MALFORMED, "--timezone", refuse(&plain, &err));
    assert_fails(ERR_MALFORMED,
                 ": 2: expected a time with its zone, found '2016-07-20 13:55:33'",
                 refuse(&plain, &err));
    struct tz *moscow, *new_york;
    assert_int_equal(tz_open(&moscow, "Europe/Moscow", &err), 0);
    assert_int_equal(tz_open(&new_york, "America/New_York", &err), 0);
    struct source_opts east = {.zone = moscow}, west = {.zone = new_york};
    assert_string_equal(time_of("2016-07-20 13:55:33", &east),
                        "2016-07-20T10:55:33.000000000Z");
    assert_string_equal(time_of("2016-07-20T06:55:33.25", &west),
                        "2016-07-20T10:55:33.250000000Z");
    assert_string_equal(time_of("2016-07-20T10:55:33Z", &west), /* its own zone stands */
                        "2016-07-20T10:55:33.000000000Z");
    put("time,client,name\n2016-03-13 02:30:00,a,b\n"); /* New York had no such time */
    assert_int_equal(must_read(&west)->skips.count[SKIP_BAD_TIME], 1);
    tz_free(moscow);
    tz_free(new_york);
}

static void the_fast_way_through_a_time_equals_the_slow_one(void **state)
{
    (void)state;
    static const char *const cells[] = {"2016-07-20T10:55:33Z",
                                        "2016-07-20T23:59:59.9Z",
                                        "2016-07-20T10:55:33.123456Z",
                                        "2016-07-21T00:00:00Z",
                                        "2016-07-21T00:00:00.000000001Z",
                                        "2016-07-21T24:00:00Z",
                                        "2016-07-21T10:60:33Z",
                                        "2016-07-21T10:55:60Z",
                                        "2016-07-21T10:55:33.Z",
                                        "2016-07-21T10:55:33.x1Z",
                                        "2016-07-21T10-55:33Z",
                                        "2016-07-21t10:55:33z",
                                        "2016-07-21 10:55:33Z",
                                        "2016-07-21T10:55:33+01:00",
                                        "2016-07-21T10:55:33.1234567891Z",
                                        "2016-02-30T10:55:33Z",
                                        "2016-07-21T1:55:33Z",
                                        "2016-07-21T10:55Z"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        char text[512];
        int64_t ns = 0;
        bool zone;
        bool good = text_time(span_of(cells[i]), &ns, &zone) == 0; /* the slow way */
        snprintf(text, sizeof text,
                 "time,client,name\n2016-07-20T00:00:00Z,a,b\n%.10sT00:00:00Z,a,b\n%s,a,b\n",
                 strncmp(cells[i], "2016-02-30", 10) == 0 ? "2016-02-28" : cells[i], cells[i]);
        put(text);
        struct got *g = must_read(&plain);
        assert_int_equal(g->skips.count[SKIP_BAD_TIME], !good);
        char iso[TEXT_TIME_MAX];
        if (good)
            assert_non_null(strstr(g->text, text_iso(iso, ns, 9)));
    }
}

/* ---- rows ------------------------------------------------------------------------ */

static void cells_lose_blanks_quotes_and_line_ends_of_every_kind(void **state)
{
    (void)state;
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    for (size_t i = 0; i < 3; i++) {
        char text[512];
        const char *e = ends[i];
        snprintf(text, sizeof text,
                 "\xef\xbb\xbf\"time\", client ,name%s%s \"2016-07-20T10:55:33Z\" ,  "
                 "217.12.96.15,\"mail1.trump-email.com\"%s \t %s"
                 "2016-07-20T10:55:34.5Z,217.12.97.15 , mail1.trump-email.com%s",
                 e, e, e, e, e);
        put(text);
        struct got *g = must_read(&plain);
        assert_string_equal(g->text, ROW_A " 0" UNKNOWN ROW_B " 0" UNKNOWN);
        assert_int_equal(g->skips.count[SKIP_BLANK], 2);
        assert_int_equal(g->read, 5);
    }
}

static void quoted_cells_hold_delimiters_quotes_and_line_ends(void **state)
{
    (void)state;
    put("time,client,name,note\n1469012133,\"a,\"\"b\"\"\",x.example,\"two\nlines\r\nmore\"\n"
        "1469012134,c,y.example,\n");
    assert_string_equal(must_read(&plain)->text,
                        "2016-07-20T10:55:33.000000000Z a,\"b\" x.example 0" UNKNOWN
                        "2016-07-20T10:55:34.000000000Z c y.example 0" UNKNOWN);
}

static void rows_that_do_not_fit_are_skipped_by_reason(void **state)
{
    (void)state;
    put("time,client,name,qtype,port\n"
        "1469012133,a,b,A,53,\n"    /* too many */
        "1469012133,a,b,A\n"        /* too few */
        "1469012133,a,-,A,1\n"      /* no name */
        "1469012133,,b,A,1\n"       /* no client */
        "1469012133,a,b,NOTYPE,1\n" /* no such type */
        "1469012133,a,b,A,65536\n"  /* no such port */
        "# a remark\n"
        "time,client,name,qtype,port\n" /* of a file put behind */
        "1469012133,a,b,A,1\n");
    struct got *g = must_read(&plain);
    assert_int_equal(g->lookups, 1);
    assert_int_equal(g->skips.count[SKIP_BAD_COLUMNS], 2);
    assert_int_equal(g->skips.count[SKIP_NO_NAME], 2);
    assert_int_equal(g->skips.count[SKIP_BAD_FIELD], 2);
    assert_int_equal(g->skips.count[SKIP_HEADER], 3);
}

static void a_row_that_the_end_of_the_file_cuts_is_told(void **state)
{
    (void)state;
    put("time,client,name,rcode\n1469012133,a,b,NOERROR\n1469012134,a,b,NOER");
    struct got *g = must_read(&plain);
    assert_int_equal(g->lookups, 1);
    assert_int_equal(g->skips.count[SKIP_CUT], 1);
    put("time,client,name\n1469012133,a,b\n1469012134,a");
    assert_int_equal(must_read(&plain)->skips.count[SKIP_CUT], 1);
    put("time,client,name\n1469012133,a,b\n1469012134,a,\"b"); /* inside quotation marks */
    assert_int_equal(must_read(&plain)->skips.count[SKIP_CUT], 1);
    put("time,client,name\n1469012133,a,b\n1469012134,a,b"); /* whole, without line end */
    assert_int_equal(must_read(&plain)->lookups, 2);
}

static void rows_over_block_borders_lose_nothing(void **state)
{
    (void)state;
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("time,client,name\n", f);
    for (int i = 0; i < 60000; i++) /* 3 MB: three borders, at a row's every place */
        fprintf(f,
                i % 1000 == 7 ? "\"%d.5\",\"c\n%d\",n%d.example\n"
                              : "%d.5,c%d,n%d.example-xxxxxxxxxxxxxxx\n",
                1469012133 + i, i % 100, i);
    assert_int_equal(fclose(f), 0);
    struct got *g = must_read(&plain);
    assert_int_equal(g->lookups, 60000);
    assert_int_equal(skips_total(&g->skips), 1);
}

/* The first block is the 4096 bytes that were looked at before: put CR at its end. */
static void a_line_end_that_a_block_border_parts_is_one(void **state)
{
    (void)state;
    static const char *const starts[] = {"time,client,name\r\n1469012133,",
                                         "time,client,name\r\n\"1469012133\","};
    for (size_t i = 0; i < 2; i++) {
        char text[5000];
        memset(text, 'x', sizeof text);
        memcpy(text, starts[i], strlen(starts[i]));
        strcpy(text + 4095 - 2, ",n\r\n1469012134,a,b\r\n");
        assert_int_equal(text[4095], '\r');
        put(text);
        struct got *g = must_read(&plain);
        assert_int_equal(g->lookups, 2);
        assert_int_equal(g->read, 3); /* and no empty row between the two */
    }
}

static void a_quotation_mark_that_is_never_closed_is_named_by_line(void **state)
{
    (void)state;
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("time,client,name\n1469012133,a,b\n1469012133,a,\"b\n", f);
    for (int i = 0; i < 100000; i++)
        fputs("1469012133,a,b\n", f);
    assert_int_equal(fclose(f), 0);
    struct err err;
    assert_fails(ERR_LIMIT, ":3: expected a row of less than", refuse(&plain, &err));
}

static void clock_offset_moves_every_time(void **state)
{
    (void)state;
    struct source_opts opts = {.clock_offset_ns = -5 * NS_PER_S};
    assert_string_equal(time_of("1469012133", &opts), "2016-07-20T10:55:28.000000000Z");
}

/* ---- one splitter against the other ------------------------------------------------ */

/* Cells in brackets, rows by bars, with the marks of the last row. */
static char *split(struct span text, char delimiter, bool only_libcsv)
{
    struct rows *r = rows_of_text(text, delimiter, only_libcsv);
    struct row row;
    char *all = mem_copy("", 0);
    while (rows_next(r, &row) == ROWS_ROW) {
        char *more = mem_format("%s%ju%s%s%s", all, (uintmax_t)row.line, row.blank ? "b" : "",
                                row.last ? "l" : "", row.open ? "o" : "");
        free(all);
        all = more;
        for (size_t i = 0; i < row.n && i < ROWS_CELLS; i++) {
            struct span s = row_cell(&row, i);
            more = mem_format("%s[%.*s]", all, (int)s.n, s.p);
            free(all);
            all = more;
        }
    }
    rows_free(r);
    return all;
}

static void both_splitters_give_the_same_rows(void **state)
{
    (void)state;
    static const char alphabet[] = "ab,,\"\" \t\n\r|";
    unsigned seed = 7;
    for (int round = 0; round < 3000; round++) {
        char text[40];
        size_t n = 0;
        for (; n < sizeof text; n++)
            text[n] =
                alphabet[((seed = seed * 1103515245 + 12345) >> 16) % (sizeof alphabet - 1)];
        for (size_t d = 0; d < 2; d++) {
            char *a = split(span_make(text, n), ",\t"[d], false);
            char *b = split(span_make(text, n), ",\t"[d], true);
            if (strcmp(a, b) != 0)
                fail_msg("'%.*s': scanner %s, libcsv %s", (int)n, text, a, b);
            free(a);
            free(b);
        }
    }
}

/* ---- the file itself --------------------------------------------------------------- */

static void what_is_no_file_to_read_is_refused_by_path(void **state)
{
    (void)state;
    struct err err;
    struct input *in;
    put("");
    assert_fails(ERR_MALFORMED, "found an empty file", refuse(&plain, &err));
    assert_fails(ERR_MALFORMED, path, refuse(&plain, &err));
    assert_fails(ERR_IO, "found a directory", input_open(&in, "/tmp", &err));
    assert_fails(ERR_IO, "/nowhere/x: No such file", input_open(&in, "/nowhere/x", &err));
    put_bytes("time,client\0name\n", 17);
    assert_fails(ERR_MALFORMED, "found bytes that begin 'time,client\\x00'",
                 refuse(&plain, &err));
}

/* `gzip -n`, `xz`, `zstd`, `bzip2`, `lz4` of the same text, in two members each. */
static void every_compressor_is_known_by_content(void **state)
{
    (void)state;
    static const char *const tools[] = {"gzip -nc", "xz -c", "zstd -qc", "bzip2 -c", "lz4 -qc"};
    const char *text = "1469012133,217.12.96.15,mail1.trump-email.com\n";
    struct source_opts opts = {.columns = "time,client,name"};
    char hex[DIGEST_HEX], command[512];
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        snprintf(command, sizeof command,
                 "command -v %.*s >/dev/null && { printf '%s' | %s; printf '%s' | %s; } >%s",
                 (int)strcspn(tools[i], " "), tools[i], text, tools[i], text, tools[i], path);
        if (system(command) != 0) {
            print_message("note: %s is not here, its files were not read\n", tools[i]);
            continue;
        }
        assert_int_equal(must_read(&opts)->lookups, 2);
        struct input *in;
        struct err err;
        assert_int_equal(input_open(&in, path, &err), 0);
        input_digest(in, hex);
        struct stat st;
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(input_stored(in), st.st_size);
        input_close(in);
        snprintf(command, sizeof command, "sha256sum %s | grep -q %s", path, hex);
        assert_int_equal(system(command), 0);
    }
}

/* 2,000 rows with a second for each, through gzip; ret_n: its size. */
static char *packed_rows(size_t *ret_n)
{
    char command[128];
    snprintf(command, sizeof command,
             "seq 1469012133 1469014132 | sed 's/$/,192.0.2.1,a.example/' | gzip -nc >%s",
             path);
    assert_int_equal(system(command), 0);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    char *bytes = mem_alloc((size_t)st.st_size);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    *ret_n = fread(bytes, 1, (size_t)st.st_size, f);
    fclose(f);
    return bytes;
}

static void a_cut_stream_gives_what_is_whole_and_says_so(void **state)
{
    (void)state;
    struct source_opts opts = {.columns = "time,client,name"};
    size_t n;
    char *bytes = packed_rows(&n);
    put_bytes(bytes, n / 2);
    struct got *g = must_read(&opts);
    assert_true(g->lookups > 500 && g->lookups < 2000);
    assert_int_equal(g->skips.count[SKIP_CUT], 1);
    assert_int_equal(g->read, g->lookups + 1);
    put_bytes(bytes, n - 4); /* every row is there, the length at the end is not */
    g = must_read(&opts);
    assert_int_equal(g->lookups, 2000);
    assert_int_equal(g->skips.count[SKIP_CUT], 1);
    free(bytes);
}

static void a_damaged_stream_is_refused(void **state)
{
    (void)state;
    struct source_opts opts = {.columns = "time,client,name"};
    struct err err;
    size_t n;
    char *bytes = packed_rows(&n);
    bytes[n - 8] ^= 1; /* the CRC; the rows themselves are right */
    put_bytes(bytes, n);
    assert_fails(ERR_MALFORMED, "damaged", refuse(&opts, &err));
    bytes[n - 8] ^= 1;
    bytes = mem_resize(bytes, n + 4, 1);
    memcpy(bytes + n, "\0\0xx", 4);
    put_bytes(bytes, n + 2); /* zeros behind the end are padding */
    assert_int_equal(must_read(&opts)->lookups, 2000);
    put_bytes(bytes, n + 4);
    assert_fails(ERR_MALFORMED, "damaged", refuse(&opts, &err));
    put_bytes(bytes, 10);
    assert_fails(ERR_MALFORMED, "empty or cut at byte 10", refuse(&opts, &err));
    free(bytes);
}

static void a_delimiter_that_cannot_part_cells_is_refused(void **state)
{
    (void)state;
    struct source_opts opts = {.delimiter = '"'};
    struct err err;
    put("time,client,name\n");
    assert_fails(ERR_USAGE, "--delimiter", refuse(&opts, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_form_of_2016_is_known_by_its_content),
        cmocka_unit_test(the_shipped_samples_are_read),
        cmocka_unit_test(headings_are_known_in_any_case_and_order),
        cmocka_unit_test(every_column_that_a_log_may_have_is_read),
        cmocka_unit_test(columns_can_be_named_by_the_user),
        cmocka_unit_test(bad_column_options_say_what_is_wrong),
        cmocka_unit_test(a_missing_column_is_named_and_the_found_ones_listed),
        cmocka_unit_test(the_delimiter_is_the_commonest_of_the_first_line),
        cmocka_unit_test(seconds_to_nanoseconds_are_told_apart_by_size),
        cmocka_unit_test(a_named_form_overrides_size),
        cmocka_unit_test(the_form_of_most_first_rows_is_the_columns_and_others_are_bad),
        cmocka_unit_test(a_time_without_zone_needs_to_be_told_whose),
        cmocka_unit_test(the_fast_way_through_a_time_equals_the_slow_one),
        cmocka_unit_test(cells_lose_blanks_quotes_and_line_ends_of_every_kind),
        cmocka_unit_test(quoted_cells_hold_delimiters_quotes_and_line_ends),
        cmocka_unit_test(rows_that_do_not_fit_are_skipped_by_reason),
        cmocka_unit_test(a_row_that_the_end_of_the_file_cuts_is_told),
        cmocka_unit_test(rows_over_block_borders_lose_nothing),
        cmocka_unit_test(a_line_end_that_a_block_border_parts_is_one),
        cmocka_unit_test(a_quotation_mark_that_is_never_closed_is_named_by_line),
        cmocka_unit_test(clock_offset_moves_every_time),
        cmocka_unit_test(both_splitters_give_the_same_rows),
        cmocka_unit_test(what_is_no_file_to_read_is_refused_by_path),
        cmocka_unit_test(every_compressor_is_known_by_content),
        cmocka_unit_test(a_cut_stream_gives_what_is_whole_and_says_so),
        cmocka_unit_test(a_damaged_stream_is_refused),
        cmocka_unit_test(a_delimiter_that_cannot_part_cells_is_refused),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
