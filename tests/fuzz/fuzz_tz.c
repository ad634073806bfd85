/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as a time zone: every instant has an offset of days at most, and a local
 * time leads back to an instant near the one it was made of. */
#include "base/tz.h"
#include "tests/fuzz/file.h"

static void check(const struct tz *z, int64_t t_s)
{
    enum { DAY = 86400 };
    int kind;
    int32_t offset = tz_offset(z, t_s);
    require(offset > -7 * DAY && offset < 7 * DAY, "an offset is of days at most");
    int64_t back = tz_to_utc(z, t_s + offset, &kind);
    require(kind >= 0 && kind <= 2, "three kinds of local times");
    require(back > t_s - 30 * DAY && back < t_s + 30 * DAY, "an instant near the local time");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tz *z = NULL;
    if (tz_parse(&z, span_make(data, size)) < 0) {
        require(!z, "no zone after a refusal");
        return 0;
    }
    for (int64_t t_s = INT64_C(-9200000000); t_s < INT64_C(9200000000); t_s += 199999999)
        check(z, t_s);
    tz_free(z);
    return 0;
}
