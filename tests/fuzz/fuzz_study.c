/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as a study and as a scenario: what is refused says where and why, and
 * what is read can be resolved against a case. */
#include "models/scenario.h"
#include "models/study.h"
#include "tests/fuzz/file.h"
#include "tests/made.h"

static struct counts *a_case(void)
{
    struct made m = {0};
    made_add(&m, "192.0.2.1", "a.example", 1, 60, 1);
    made_add(&m, "192.0.2.1", "b.example", 28, 90, 2);
    made_add(&m, "192.0.2.2", "mail1.example", 1, 7200, 3);
    return made_counts(&m, 0, 86400);
}

static void require_reason(int rc, const struct err *err)
{
    require(rc == ERR_USAGE || rc == ERR_MALFORMED || rc == ERR_LIMIT || rc == ERR_MISMATCH,
            "a refusal is the fault of the text");
    require(err->msg[0] != '\0' && err->code == rc, "a refusal has a reason");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_file f = fuzz_file_of(data, size);
    struct err err = {0};
    struct study *s = NULL;
    int rc = study_read(&s, f.path, NULL, &err);
    if (rc < 0) {
        require_reason(rc, &err);
        require(!s, "no study after a refusal");
    } else {
        struct counts *c = a_case();
        require(s->nclaims > 0 && s->alpha > 0 && s->alpha < 1,
                "a study has claims and a size");
        rc = study_resolve(s, c, &err);
        if (rc < 0)
            require_reason(rc, &err);
        counts_free(c);
        study_free(s);
    }
    fuzz_file_end(&f);

    struct scenario scenario = {0};
    err = (struct err){0};
    rc = scenario_parse(&scenario, "fuzz", span_make(data, size), &err);
    if (rc < 0)
        require_reason(rc, &err);
    else
        scenario_close(&scenario);
    return 0;
}
