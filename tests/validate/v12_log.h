/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * v12_log - logs of a world whose truth is known (tests/worlds), each answered by the program
 * itself: drawn, counted, screened, tested.
 *
 * What is answered of a log is what its experiment asks for (struct world_ask). Claims are
 * tested as study_test tests them, all replicates and all bounds, but for the gate of
 * calibration and the second opinion on synchrony, neither of which can make an answer, only
 * take it away or stand beside it. A claim that a failed screen leaves undetermined in a log
 * that was altered is not tested any more. Of power only that at the claimed effect is worked
 * out, 400 draws a null: it is what tells whether the data are adequate (claim_adequate, which
 * is what the verdict sheet prints), and a fiftieth of the whole curve.
 */
#ifndef TESTS_VALIDATE_V12_LOG_H
#define TESTS_VALIDATE_V12_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORLD_CLAIMS_MAX = 16, WORLDS_MAX = 32 };

/* A row of truth.csv: of each claim of the folder's study true, false, gated or na. */
struct world_truth {
    const char *folder;
    size_t n;
    char claim[WORLD_CLAIMS_MAX][32], world[64], of[WORLD_CLAIMS_MAX][8];
};

/* ret has room for WORLDS_MAX; how many there are. */
size_t world_truths(const char *folder, struct world_truth *ret);

struct world_ask {
    const struct world_truth *t;
    const char *of;       /* claims that are so of the world, as "true"; NULL: all */
    bool screens, claims; /* which of them */
    uint32_t gate;        /* of the first so many: once more with calibration and power */
};

struct world_answer {
    bool failed, stopped; /* stopped: a screen of the log failed */
    int verdict[WORLD_CLAIMS_MAX];
    bool adequate[WORLD_CLAIMS_MAX];
    double power[WORLD_CLAIMS_MAX]; /* least of the required nulls */
    size_t same, asked;             /* answered once more with gate and power: that stayed */
};

/* Logs 0 to n - 1 of the world, on all threads; free the result. */
struct world_answer *world_answers(const struct world_ask *ask, size_t n);

#endif
