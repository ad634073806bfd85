/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/bib.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/escape.h"

enum { KEY_MAX = 64 };

#define ARTICLE(authors, heading, where, vol, page)                                            \
    "article", "author = {" authors "},\n  title = {{" heading "}},\n  journal = {" where      \
               "},\n  volume = {" vol "},\n  pages = {" page "}"
#define BOOK(authors, heading, house)                                                          \
    "book", "author = {" authors "},\n  title = {{" heading "}},\n  publisher = {" house "}"
#define PAPER(authors, heading, where)                                                         \
    "inproceedings",                                                                           \
        "author = {" authors "},\n  title = {{" heading "}},\n  booktitle = {" where "}"

/* Key: the first author's name and the year. */
static const struct work {
    const char *key, *type, *fields;
} works[] = {
    {"Amarasingham2012",
     ARTICLE("Amarasingham, Asohan and Harrison, Matthew T. and Hatsopoulos, Nicholas G. and "
             "Geman, Stuart",
             "Conditional modeling and the jitter method of spike resampling",
             "Journal of Neurophysiology", "107", "517--531")},
    {"Benjamini1995",
     ARTICLE("Benjamini, Yoav and Hochberg, Yosef",
             "Controlling the false discovery rate: a practical and powerful approach to "
             "multiple testing",
             "Journal of the Royal Statistical Society B", "57", "289--300")},
    {"Benjamini2001",
     ARTICLE("Benjamini, Yoav and Yekutieli, Daniel",
             "The control of the false discovery rate in multiple testing under dependency",
             "Annals of Statistics", "29", "1165--1188")},
    {"Bertrand2004", ARTICLE("Bertrand, Marianne and Duflo, Esther and Mullainathan, Sendhil",
                             "How much should we trust differences-in-differences estimates?",
                             "Quarterly Journal of Economics", "119", "249--275")},
    {"Besag1989",
     ARTICLE("Besag, Julian and Clifford, Peter", "Generalized Monte Carlo significance tests",
             "Biometrika", "76", "633--642")},
    {"Brown2002",
     ARTICLE("Brown, Emery N. and Barbieri, Riccardo and Ventura, Val\\'erie and Kass, Robert "
             "E. and Frank, Loren M.",
             "The time-rescaling theorem and its application to neural spike train data "
             "analysis",
             "Neural Computation", "14", "325--346")},
    {"Cameron2008", ARTICLE("Cameron, A. Colin and Gelbach, Jonah B. and Miller, Douglas L.",
                            "Bootstrap-based improvements for inference with clustered errors",
                            "Review of Economics and Statistics", "90", "414--427")},
    {"Chan1995", ARTICLE("Chan, K. S. and Ledolter, Johannes",
                         "Monte Carlo EM estimation for time series models involving counts",
                         "Journal of the American Statistical Association", "90", "242--252")},
    {"Clopper1934", ARTICLE("Clopper, C. J. and Pearson, E. S.",
                            "The use of confidence or fiducial limits illustrated in the case "
                            "of the binomial",
                            "Biometrika", "26", "404--413")},
    {"Donges2016",
     ARTICLE("Donges, J. F. and Schleussner, C.-F. and Siegmund, J. F. and Donner, R. V.",
             "Event coincidence analysis for quantifying statistical interrelationships "
             "between event time series",
             "European Physical Journal Special Topics", "225", "471--487")},
    {"Dunn1961", ARTICLE("Dunn, Olive Jean", "Multiple comparisons among means",
                         "Journal of the American Statistical Association", "56", "52--64")},
    {"Hochberg1988", ARTICLE("Hochberg, Yosef",
                             "A sharper Bonferroni procedure for multiple tests of "
                             "significance",
                             "Biometrika", "75", "800--802")},
    {"Holm1979",
     ARTICLE("Holm, Sture", "A simple sequentially rejective multiple test procedure",
             "Scandinavian Journal of Statistics", "6", "65--70")},
    {"Hommel1988", ARTICLE("Hommel, G.",
                           "A stagewise rejective multiple test procedure based on a modified "
                           "Bonferroni test",
                           "Biometrika", "75", "383--386")},
    {"Jung2002", ARTICLE("Jung, Jaeyeon and Sit, Emil and Balakrishnan, Hari and Morris, "
                         "Robert",
                         "DNS performance and the effectiveness of caching",
                         "IEEE/ACM Transactions on Networking", "10", "589--603")},
    {"Jung2003", PAPER("Jung, Jaeyeon and Berger, Arthur W. and Balakrishnan, Hari",
                       "Modeling TTL-based Internet caches", "IEEE INFOCOM")},
    {"Jung2004", PAPER("Jung, Jaeyeon and Sit, Emil",
                       "An empirical study of spam traffic and the use of DNS black lists",
                       "Internet Measurement Conference")},
    {"Knijnenburg2009",
     ARTICLE("Knijnenburg, Theo A. and Wessels, Lodewyk F. A. and Reinders, Marcel J. T. and "
             "Shmulevich, Ilya",
             "Fewer permutations, more accurate P-values", "Bioinformatics", "25",
             "i161--i168")},
    {"Lawless1987",
     ARTICLE("Lawless, Jerald F.", "Negative binomial and mixed Poisson regression",
             "Canadian Journal of Statistics", "15", "209--225")},
    {"Lipsitch2010",
     ARTICLE("Lipsitch, Marc and Tchetgen Tchetgen, Eric and Cohen, Ted",
             "Negative controls: a tool for detecting confounding and bias in observational "
             "studies",
             "Epidemiology", "21", "383--388")},
    {"Phipson2010",
     ARTICLE("Phipson, Belinda and Smyth, Gordon K.",
             "Permutation p-values should never be zero: calculating exact p-values when "
             "permutations are randomly drawn",
             "Statistical Applications in Genetics and Molecular Biology", "9", "39")},
    {"RFC1536", "techreport",
     "author = {Kumar, A. and Postel, J. and Neuman, C. and Danzig, P. and Miller, S.},\n"
     "  title = {{Common DNS implementation errors and suggested fixes}},\n"
     "  institution = {IETF},\n  type = {RFC},\n  number = {1536},\n  year = {1993}"},
    {"RFC2308", "techreport",
     "author = {Andrews, M.},\n  title = {{Negative caching of DNS queries (DNS NCACHE)}},\n"
     "  institution = {IETF},\n  type = {RFC},\n  number = {2308},\n  year = {1998}"},
    {"Sidak1967", ARTICLE("\\v{S}id\\'ak, Zbyn\\v{e}k",
                          "Rectangular confidence regions for the means of multivariate normal "
                          "distributions",
                          "Journal of the American Statistical Association", "62", "626--633")},
    {"Simmons2011",
     ARTICLE("Simmons, Joseph P. and Nelson, Leif D. and Simonsohn, Uri",
             "False-positive psychology: undisclosed flexibility in data collection and "
             "analysis allows presenting anything as significant",
             "Psychological Science", "22", "1359--1366")},
    {"Storey2002", ARTICLE("Storey, John D.", "A direct approach to false discovery rates",
                           "Journal of the Royal Statistical Society B", "64", "479--498")},
    {"Westfall1993", BOOK("Westfall, Peter H. and Young, S. Stanley",
                          "Resampling-Based Multiple Testing", "Wiley")},
    {"Wood2010", ARTICLE("Wood, Simon N.",
                         "Statistical inference for noisy nonlinear ecological dynamic "
                         "systems",
                         "Nature", "466", "1102--1104")},
    {"Worsley1986", ARTICLE("Worsley, K. J.",
                            "Confidence regions and tests for a change-point in a sequence of "
                            "exponential family random variables",
                            "Biometrika", "73", "91--104")},
};

/* The first word's letters and the first number of four digits; "" when one is missing. */
static void key_of(char out[KEY_MAX], const char *cite)
{
    size_t n = 0;
    const char *year = cite;
    for (const char *c = cite; isalpha((unsigned char)*c) && n < KEY_MAX - 8; c++)
        out[n++] = *c;
    while (*year && strspn(year, "0123456789") != 4)
        year += strspn(year, "0123456789") ? strspn(year, "0123456789") : 1;
    bool none = n == 0 || !*year || !isupper((unsigned char)cite[0]);
    snprintf(out + (none ? 0 : n), KEY_MAX - (none ? 0 : n), "%.4s", none ? "" : year);
}

/* Each of the cites between "; ". */
static void each(const char *cite, void (*do_one)(void *, const char *, const char *),
                 void *ctx)
{
    while (*cite) {
        size_t n = strcspn(cite, ";");
        char *one = mem_copy(cite, n), key[KEY_MAX];
        key_of(key, one);
        if (*key)
            do_one(ctx, key, one);
        free(one);
        cite += n + strspn(cite + n, "; ");
    }
}

static void append_key(void *ctx, const char *key, const char *one)
{
    char *out = ctx;
    (void)one;
    size_t n = strlen(out);
    snprintf(out + n, DOC_KEYS_MAX - n, "%s%s", n ? "," : "", key);
}

char *bib_keys(char out[DOC_KEYS_MAX], const char *cite)
{
    out[0] = '\0';
    each(cite, append_key, out);
    return out;
}

/* key -> the cite's own words */
static void remember(void *ctx, const char *key, const char *one)
{
    if (!json_object_get(ctx, key))
        json_object_set_new(ctx, key, json_string(one));
}

static void collect(json_t *found, json_t *v)
{
    const char *name;
    json_t *member;
    size_t i;
    json_object_foreach(v, name, member)
    {
        if (json_is_string(member) && strcmp(name, "cite") == 0)
            each(json_string_value(member), remember, found);
        else
            collect(found, member);
    }
    json_array_foreach(v, i, member) collect(found, member);
}

static void write_entry(FILE *out, const char *key, const char *words)
{
    const char *year = key + strcspn(key, "0123456789");
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        if (strcmp(works[i].key, key) == 0) {
            bool dated = strstr(works[i].fields, "year = ") != NULL;
            fprintf(out, "@%s{%s,\n  %s", works[i].type, key, works[i].fields);
            fprintf(out, dated ? "\n}\n\n" : ",\n  year = {%s}\n}\n\n", year);
            return;
        }
    fprintf(out, "@misc{%s,\n  key = {%s},\n  title = {{", key, key);
    escape_latex(out, words, 0);
    fprintf(out, "}},\n  year = {%s}\n}\n\n", year);
}

void bib_write(FILE *out, const json_t *results)
{
    json_t *found = json_object(), *all = json_deep_copy(results), *v;
    const char *key;
    collect(found, all);
    json_decref(all);
    /* What methods.c cites beside the cites of the results. */
    static const char *const always[] = {"Phipson & Smyth 2010",
                                         "Sidak 1967",
                                         "Wood 2010",
                                         "Holm 1979",
                                         "Dunn 1961",
                                         "Hochberg 1988",
                                         "Hommel 1988",
                                         "Benjamini & Hochberg 1995",
                                         "Benjamini & Yekutieli 2001",
                                         "Storey 2002",
                                         "Westfall & Young 1993"};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        each(always[i], remember, found);
    char *sorted = json_dumps(found, JSON_SORT_KEYS);
    json_decref(found);
    found = json_loads(sorted, 0, NULL);
    free(sorted);
    json_object_foreach(found, key, v) write_entry(out, key, json_string_value(v));
    json_decref(found);
}
