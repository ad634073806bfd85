/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * promise - what models/power.h says of a null beforehand, beside what becomes of logs that
 * have the claimed effect; and the foil, the power at the effect that was measured ("observed
 * power"), which is a function of p and says nothing of the next log.
 */
#ifndef TESTS_VALIDATE_PROMISE_H
#define TESTS_VALIDATE_PROMISE_H

#include "models/trial.h"
#include "tests/validate/validate.h"

struct promise {
    double said, foil; /* NAN: no power was said of this log */
    double mde;        /* NAN: none */
    bool kept;         /* the null was rejected */
    double severity;   /* of more than the claimed effect; NAN: none */
    double one_less_p; /* its foil */
};

struct promise promise_none(void);

/* Run one null of the trial's claim; the study has power switched on. `measured`: the effect
 * that the kind estimates. */
void promise_make(struct promise *ret, struct trial *t, const struct battery_row *null,
                  double measured);

/* Cells of R promises that lie `step` apart: power found less power said, within .05; and the
 * foil. Where there is no effect (`none`): observed power is above .05 on average. Elsewhere:
 * it is off by more than .2 in at least .3 of logs; where more than .85 is said, which leaves
 * less room, it lies .05 or more away on average. Of logs whose effect is just the claimed one
 * severity is .95 or more in no more than .05, where a test has it; the foil, 1 - p, in at
 * least .3 where there is an effect. */
void promise_cells(struct validation *v, const char *label, const struct promise *p,
                   size_t step, uint32_t R, bool none);

#endif
