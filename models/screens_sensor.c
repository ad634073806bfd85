/* SPDX-License-Identifier: GPL-3.0-or-later
 * Screens of messages and sensors: ids and ports, silences, copies from two vantage
 * points, servers, the floor of those who ask once. */
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/lookup.h"
#include "models/live.h"
#include "models/screens.h"
#include "stats/tail.h"

enum { MESSAGES_LEAST = 100 };

/* --- ids and ports ------------------------------------------------------------------- */

static double two_sided(double log_upper, double log_lower)
{
    return fmin(0, log(2) + fmin(log_upper, log_lower));
}

/* Equal ids are Poisson about C(n,2)/65536; of n - 1 steps Binomial(1/65536) go up by one;
 * ups of independent ids have mean (n - 1)/2 (1 - 1/65536) and variance (n + 1)/12
 * (Levene 1952). */
static double ids_log_p(const struct counts_source *s)
{
    double n = (double)s->messages, mean = n * (n - 1) / 2 / 65536;
    double equal =
        two_sided(poisson_log_upper(s->id_pairs, mean), poisson_log_lower(s->id_pairs, mean));
    double next = binomial_log_upper(s->id_next, s->messages - 1, 1.0 / 65536);
    double z = ((double)s->id_rises - (n - 1) / 2 * (1 - 1.0 / 65536)) / sqrt((n + 1) / 12);
    double rises = two_sided(normal_log_upper(z), normal_log_upper(-z));
    return log_sidak(fmin(equal, fmin(next, rises)), 3);
}

void screen_ids(const struct screening *in, struct screen_result *ret)
{
    size_t tested = 0;
    const struct counts_source *worst = NULL;
    double least = 0;
    for (size_t i = 0; i < in->c->nsources; i++) {
        const struct counts_source *s = &in->c->sources[i];
        if (s->messages < MESSAGES_LEAST)
            continue;
        double log_p = ids_log_p(s);
        tested++;
        if (!worst || log_p < least) {
            worst = s;
            least = log_p;
        }
    }
    if (!tested) {
        screen_not_applicable(ret, "no source has %d messages with id and port",
                              MESSAGES_LEAST);
        return;
    }
    double n = (double)worst->messages;
    ret->value = exp(least);
    ret->log_p = log_sidak(least, (double)tested);
    screen_note(ret,
                "%.60s, %.0f messages: %llu pairs of equal ids (%.4g expected), %llu ids "
                "one above the last (%.3g), longest rising run %llu",
                worst->name, n, (unsigned long long)worst->id_pairs, n * (n - 1) / 2 / 65536,
                (unsigned long long)worst->id_next, (n - 1) / 65536,
                (unsigned long long)worst->id_longest);
}

/* Chi-square of 256 bytes, 5 expected of each. */
static double bytes_log_p(const uint64_t v[HIST_BYTE], double *ret_n)
{
    double chi = 0;
    *ret_n = 0;
    for (size_t i = 0; i < HIST_BYTE; i++)
        *ret_n += (double)v[i];
    double expected = *ret_n / HIST_BYTE;
    if (expected < 5)
        return NAN;
    for (size_t i = 0; i < HIST_BYTE; i++)
        chi += ((double)v[i] - expected) * ((double)v[i] - expected) / expected;
    return chisq_log_upper(chi, HIST_BYTE - 1);
}

void screen_id_bytes(const struct screening *in, struct screen_result *ret)
{
    double least = INFINITY, tested = 0, of = 0;
    const struct counts_source *worst = NULL;
    bool high = false;
    for (size_t i = 0; i < 2 * in->c->nsources; i++) {
        const struct counts_source *s = &in->c->sources[i / 2];
        double n, log_p = bytes_log_p(i % 2 ? s->id_low : s->id_high, &n);
        if (isnan(log_p))
            continue;
        tested++;
        if (log_p >= least)
            continue;
        least = log_p;
        worst = s;
        of = n;
        high = i % 2 == 0;
    }
    if (!worst) {
        screen_not_applicable(ret, "no source has %d messages with an id", 5 * HIST_BYTE);
        return;
    }
    ret->value = exp(least);
    ret->log_p = log_sidak(least, tested);
    /* so many with one byte make chi-square 255 + 110, p about 1e-6 */
    ret->smallest = sqrt(110 * of / (HIST_BYTE - 1));
    screen_note(ret, "%.100s, %.0f messages; least likely: the %s byte", worst->name, of,
                high ? "high" : "low");
}

/* --- what the sender is like ----------------------------------------------------------- */

static const char *const trait_names[LOOKUP_TRAITS] = {
    [TRAIT_HOPS] = "hop limit", [TRAIT_EDNS] = "EDNS", [TRAIT_CASE] = "case of letters"};
static const double TRAIT_SHARE = .02;
enum { TRAIT_CHANGES = 5 };

void screen_traits(const struct screening *in, struct screen_result *ret)
{
    double most = -1, changes = 0, of = 0;
    int worst = 0;
    const struct counts_source *where = NULL;
    for (size_t i = 0; i < in->c->nsources; i++)
        for (int k = 0; k < LOOKUP_TRAITS; k++) {
            const struct counts_source *s = &in->c->sources[i];
            double other = (double)s->trait_other[k], n = other + (double)s->trait_same[k];
            if (n < MESSAGES_LEAST || other / n <= most)
                continue;
            most = other / n;
            changes = other;
            of = n;
            worst = k;
            where = s;
        }
    if (!where) {
        screen_not_applicable(ret,
                              "no source has %d queries with hop limit, EDNS or letters "
                              "as they were sent",
                              MESSAGES_LEAST);
        return;
    }
    bool often = most > TRAIT_SHARE && changes >= TRAIT_CHANGES;
    ret->value = most;
    ret->answer = often ? INTEGRITY_EXPLAIN : INTEGRITY_PASS;
    ret->smallest =
        fmax(TRAIT_SHARE * of, TRAIT_CHANGES) / 2; /* each put in makes two changes */
    screen_note(
        ret,
        "%.80s: of %.0f queries %.0f differ from the client's query before them, most in %s",
        where->name, of, changes, trait_names[worst]);
}

/* --- ports ------------------------------------------------------------------------------ */

void screen_ports(const struct screening *in, struct screen_result *ret)
{
    double least = INFINITY;
    const struct counts_source *worst = NULL;
    for (size_t i = 0; i < in->c->nsources; i++) {
        const struct counts_source *s = &in->c->sources[i];
        double n = (double)s->messages;
        if (s->messages < MESSAGES_LEAST)
            continue;
        double ports = n * (n - 1) / 2 / fmax((double)s->port_pairs, 1);
        if (ports < least) {
            least = ports;
            worst = s;
        }
    }
    if (!worst) {
        screen_not_applicable(ret, "no source has %d messages with id and port",
                              MESSAGES_LEAST);
        return;
    }
    ret->value = fmin(least, 65536);
    ret->answer = least < 1000 ? INTEGRITY_EXPLAIN : INTEGRITY_PASS;
    screen_note(ret, "%.100s: %llu pairs of equal ports among %llu messages", worst->name,
                (unsigned long long)worst->port_pairs, (unsigned long long)worst->messages);
}

/* --- silences ------------------------------------------------------------------------- */

void screen_silences(const struct screening *in, struct screen_result *ret)
{
    struct live_silence *v = NULL;
    size_t n = 0, longest = 0;
    double expected = 0;
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX];
    if (counts_is_part(in->c)) {
        screen_not_applicable(ret, "look-ups were left out at ingest (--keep): where what was "
                                   "kept is silent, the sensor need not be");
        return;
    }
    live_silences(in->c, log(1e-6), &v, &n);
    for (size_t i = 0; i < n; i++)
        if (v[i].to_ns - v[i].from_ns > v[longest].to_ns - v[longest].from_ns)
            longest = i;
    for (size_t i = 0; i < in->c->npairs; i++)
        expected += (double)in->c->pairs[i].total;
    ret->value = n ? (double)(v[longest].to_ns - v[longest].from_ns) / 3.6e12 : 0;
    ret->answer = n ? INTEGRITY_EXPLAIN : INTEGRITY_PASS;
    if (in->live_s > 0 && expected > 0) /* of one hour's rate, at the mean */
        ret->smallest = 13.8 / (expected / in->live_s * 3600);
    bool inferred = in->c->nlive == 0 || strcmp(in->c->live[0].why, "inferred") == 0;
    if (n)
        screen_note(ret, "%zu found; the longest from %s to %s; %s", n,
                    text_iso(from, v[longest].from_ns, 0), text_iso(to, v[longest].to_ns, 0),
                    inferred ? "taken as time without listening"
                             : "compare with the listening time that was given");
    else
        screen_note(ret, "none was found");
    free(v);
}

/* --- two copies ----------------------------------------------------------------------- */

/* Chapman's estimate and Seber's variance; 95 % by the normal law. */
static void chapman(double n1, double n2, double m, double *ret_n, double *ret_se)
{
    *ret_n = (n1 + 1) * (n2 + 1) / (m + 1) - 1;
    *ret_se = sqrt((n1 + 1) * (n2 + 1) * (n1 - m) * (n2 - m) / ((m + 1) * (m + 1) * (m + 2)));
}

void screen_coverage(const struct screening *in, struct screen_result *ret)
{
    const struct counts *c = in->c;
    double both = c->nsources == 2 ? (double)(c->sources[0].notes.count[NOTE_TWIN] +
                                              c->sources[1].notes.count[NOTE_TWIN])
                                   : 0;
    if (!(both > 0)) {
        screen_not_applicable(ret, "needs two inputs of one log, read with --same-log");
        return;
    }
    double n1 = (double)c->sources[0].lookups, n2 = (double)c->sources[1].lookups, n, se;
    chapman(n1, n2, both, &n, &se);
    double seen = n1 + n2 - both;
    ret->value = n;
    ret->answer = n - 1.96 * se > seen * 1.0001 ? INTEGRITY_EXPLAIN : INTEGRITY_PASS;
    screen_note(ret,
                "%.0f and %.0f rows, %.0f in both: %.0f in all (95 %% %.0f to %.0f), %.0f "
                "seen by either",
                n1, n2, both, n, n - 1.96 * se, n + 1.96 * se, seen);
}

/* --- servers -------------------------------------------------------------------------- */

enum { SERVERS_LEAST = 30, SERVERS_KEPT = 64 };

/* Look-ups of one client by server; at most SERVERS_KEPT servers. */
struct by_server {
    uint32_t server[SERVERS_KEPT];
    double n[SERVERS_KEPT];
    size_t k;
};

static void add_server(struct by_server *v, uint32_t server, double n)
{
    size_t i = 0;
    while (i < v->k && v->server[i] != server)
        i++;
    if (i == SERVERS_KEPT)
        return;
    if (i == v->k) {
        v->server[v->k] = server;
        v->n[v->k++] = 0;
    }
    v->n[i] += n;
}

/* Servers of the client whose pairs are [*i, ...); *i moves behind them. */
static struct by_server next_client(const struct counts *c, size_t *i)
{
    struct by_server v = {.k = 0};
    uint32_t client = c->pairs[*i].client;
    for (; *i < c->npairs && c->pairs[*i].client == client; ++*i) {
        struct marks_iter it = marks_begin(counts_marks(&c->pairs[*i]));
        while (marks_next(&it))
            if (it.kind == MARK_SERVER)
                add_server(&v, (uint32_t)it.value, (double)it.count);
    }
    return v;
}

static double total_of(const struct by_server *v)
{
    double sum = 0;
    for (size_t i = 0; i < v->k; i++)
        sum += v->n[i];
    return sum;
}

void screen_server_shares(const struct screening *in, struct screen_result *ret)
{
    double chi = 0, df = 0;
    size_t clients = 0;
    for (size_t i = 0; i < in->c->npairs;) {
        struct by_server v = next_client(in->c, &i);
        double n = total_of(&v);
        if (v.k < 2 || n < SERVERS_LEAST)
            continue;
        for (size_t k = 0; k < v.k; k++)
            chi += (v.n[k] - n / (double)v.k) * (v.n[k] - n / (double)v.k) / (n / (double)v.k);
        df += (double)v.k - 1;
        clients++;
    }
    if (!clients) {
        screen_not_applicable(
            ret, "no client has %d look-ups at two servers that the log names", SERVERS_LEAST);
        return;
    }
    ret->value = chi;
    ret->log_p = log(fmax(gsl_cdf_chisq_P(chi, df), 1e-300));
    screen_note(ret, "%zu clients, %.0f degrees of freedom", clients, df);
}

static void same_neighbours(const struct by_server *v, double *ret_mean, double *ret_variance)
{
    double n = total_of(v), s2 = 0, s3 = 0;
    for (size_t k = 0; k < v->k; k++) {
        s2 += v->n[k] * v->n[k];
        s3 += v->n[k] * v->n[k] * v->n[k];
    }
    screen_stays(n, s2, s3, ret_mean, ret_variance);
}

void screen_server_runs(const struct screening *in, struct screen_result *ret)
{
    double same = 0, steps = 0, mean = 0, variance = 0, looked = 0;
    for (size_t i = 0; i < in->c->nsources; i++) {
        same += (double)in->c->sources[i].server_same;
        steps += (double)(in->c->sources[i].server_same + in->c->sources[i].server_other);
    }
    for (size_t i = 0; i < in->c->npairs;) {
        struct by_server v = next_client(in->c, &i);
        if (total_of(&v) < 2)
            continue;
        looked += total_of(&v) - 1;
        same_neighbours(&v, &mean, &variance);
    }
    if (steps < SERVERS_LEAST || !(variance > 0)) {
        screen_not_applicable(ret, "no log names a server in each row, and two of them for one "
                                   "client");
        return;
    }
    mean *= steps / looked; /* what the counts have less: copies; more: nothing */
    double z = (same - mean) / sqrt(variance);
    ret->value = z;
    ret->log_p = two_sided(normal_log_upper(z), normal_log_upper(-z));
    screen_note(ret,
                "%.0f of %.0f look-ups went to the server of the client's look-up before "
                "(%.5g expected of chance); %s",
                same, steps, mean,
                z > 0 ? "resolvers prefer one" : "servers alternate more than chance");
}

/* --- the floor -------------------------------------------------------------------------- */

void screen_floor(const struct screening *in, struct screen_result *ret)
{
    const struct counts *c = in->c;
    double all = 0;
    size_t rare = 0;
    for (size_t i = 0; i < c->npairs;) {
        uint64_t own = 0;
        for (uint32_t client = c->pairs[i].client;
             i < c->npairs && c->pairs[i].client == client; i++)
            own += c->pairs[i].total;
        rare += own <= 2;
        all += (double)own;
    }
    const char *vantage = c->rules[RULE_VANTAGE];
    bool could = strcmp(vantage, "authority") == 0 || strcmp(vantage, "unknown") == 0;
    if (!could || all < 1000 || in->live_s < 30 * 86400.0) {
        screen_not_applicable(ret, "needs 1,000 look-ups over 30 days, not below a resolver");
        return;
    }
    ret->value = (double)rare;
    ret->answer = rare ? INTEGRITY_PASS : INTEGRITY_EXPLAIN;
    screen_note(ret, "%zu of %u clients, %.0f look-ups over %.0f days", rare, c->nclients, all,
                in->live_s / 86400);
}
