/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/scenario.h"
#include "models/simulated.h"
#include "tests/check.h"

#include "ingest/counts.h"

/* Two spellings of one client and of one name, two types, several look-ups a tick, a name that
 * nobody asks for, an outage and a copy. */
static const char world[] =
    "scenario: test\nspan: {from: 2024-01-01, to: 2024-01-08}\nseed: 3\ntick: 1m\n"
    "clients: {a: [192.0.2.10, 192.0.2.9], b: [\"2001:DB8::1\", \"2001:db8:0::1\"]}\n"
    "names: {n: [B.example, a.Example, \"b.example.\"], idle: [c.example]}\n"
    "processes:\n"
    "  - {id: people, kind: human, clients: [a, b], names: [n], per_day: 300}\n"
    "  - {id: six, kind: human, clients: [b], names: [n], per_day: 200, qtype: AAAA}\n"
    "sensor: {outages: [{from: 2024-01-02T06:00:00Z, to: 2024-01-02T09:00:00Z}]}\n"
    "tampering:\n"
    "  - {kind: copy, clients: [a], names: [n], span: {from: 2024-01-03, to: 2024-01-04}, "
    "by: 1d}\n";

/* Returns how many pairs there are. */
static size_t digests(const struct sim_world *w, char counted[DIGEST_HEX],
                      char direct[DIGEST_HEX])
{
    struct counts *c = NULL, *d = NULL;
    struct err err = {.msg = ""};
    if (simulated_counts(&c, w, &err) < 0 || simulated_series(&d, w, &err) < 0) {
        fail_msg("%s", err.msg);
        return 0;
    }
    counts_digest(c, counted);
    memcpy(d->rules, c->rules, sizeof d->rules); /* it has none */
    counts_digest(d, direct);
    memset(d->rules, 0, sizeof d->rules);
    size_t pairs = d->npairs;
    counts_free(c);
    counts_free(d);
    return pairs;
}

static void series_made_without_a_tally_are_those_of_the_tally(void **state)
{
    (void)state;
    struct scenario s;
    struct err err = {.msg = ""};
    char counted[DIGEST_HEX], direct[DIGEST_HEX], other[DIGEST_HEX];
    if (scenario_parse(&s, "test", span_of(world), &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(digests(&s.world, counted, direct),
                     8); /* three clients on two names, one of them by two types */
    assert_string_equal(direct, counted);
    s.world.seed++;
    digests(&s.world, counted, other);
    assert_string_equal(other, counted);
    assert_string_not_equal(other, direct);
    s.world.kept = 0; /* nothing is left */
    assert_int_equal(digests(&s.world, counted, direct), 0);
    assert_string_equal(direct, counted);
    scenario_close(&s);
}

static void a_row_that_ingest_would_refuse_is_in_no_series(void **state)
{
    (void)state;
    struct scenario s;
    struct err err = {.msg = ""};
    char counted[DIGEST_HEX], direct[DIGEST_HEX];
    if (scenario_parse(&s, "test", span_of(world), &err) < 0)
        fail_msg("%s", err.msg);
    s.world.names[1] = "a..example"; /* an empty label */
    assert_int_equal(digests(&s.world, counted, direct), 4);
    assert_string_equal(direct, counted);
    scenario_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(series_made_without_a_tally_are_those_of_the_tally),
        cmocka_unit_test(a_row_that_ingest_would_refuse_is_in_no_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
