/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as JSON: what jansson takes we take, and give the same strings. (We also
 * take what is not UTF-8, NUL in strings and numbers past the range of a double.) */
#include <jansson.h>

#include "ingest/json.h"
#include "tests/fuzz/source.h"

static void count_string(void *context, struct span path, enum json_kind kind,
                         struct span value)
{
    size_t *bytes = context;
    (void)path;
    if (kind == JSON_IS_STRING)
        *bytes += 1 + value.n;
}

/* Ours counts as this does: one and its length for each string that is a value. */
static size_t bytes_of(const json_t *v)
{
    size_t sum = json_is_string(v) ? 1 + json_string_length(v) : 0, i;
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)(uintptr_t)v, key, item) sum += bytes_of(item);
    json_array_foreach(v, i, item) sum += bytes_of(item);
    return sum;
}

static size_t depth_of(const uint8_t *data, size_t size)
{
    size_t depth = 0;
    for (size_t i = 0; i < size; i++)
        depth += data[i] == '[' || data[i] == '{';
    return depth;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t flags = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL;
    if (memchr(data, '\0', size))
        return 0; /* which jansson takes for the end */
    char *text = malloc(size + 1);
    require(text != NULL, "memory");
    memcpy(text, data, size);
    json_t *theirs = json_loadb((const char *)data, size, flags, NULL);
    size_t ours = 0;
    int rc = json_walk(text, size, count_string, &ours);
    if (theirs && depth_of(data, size) <= JSON_DEPTH) {
        require(rc == 0, "what jansson takes is taken");
        require(size > JSON_PATH / 2 || ours == bytes_of(theirs), "the same strings");
    }
    json_decref(theirs);
    free(text);
    return 0;
}
