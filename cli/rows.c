/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/rows.h"

#include <string.h>

int rows_format(const char *format, bool *ret_tsv, struct err *err)
{
    if (strcmp(format, "tsv") != 0 && strcmp(format, "jsonl") != 0)
        return err_set(err, ERR_USAGE, "--format: expected tsv or jsonl, found '%s'", format);
    *ret_tsv = format[0] == 't';
    return 0;
}

int rows_open(struct rows *r, const char *path, const char *format, const char *const *columns,
              size_t n, struct err *err)
{
    *r = (struct rows){.columns = columns, .n = n};
    if (rows_format(format, &r->tsv, err) < 0)
        return ERR_USAGE;
    if (output_open(&r->out, path, err) < 0)
        return ERR_IO;
    for (size_t i = 0; r->tsv && i < n; i++)
        fprintf(r->out.f, "%s%c", columns[i], i + 1 < n ? '\t' : '\n');
    return 0;
}

static void put_tsv(const struct rows *r, json_t *const *values)
{
    for (size_t i = 0; i < r->n; i++) {
        if (json_is_string(values[i]))
            fputs(json_string_value(values[i]), r->out.f);
        else if (json_is_integer(values[i]))
            fprintf(r->out.f, "%" JSON_INTEGER_FORMAT, json_integer_value(values[i]));
        else if (json_is_real(values[i]))
            fprintf(r->out.f, "%.17g", json_real_value(values[i]));
        putc(i + 1 < r->n ? '\t' : '\n', r->out.f);
    }
}

static void put_jsonl(const struct rows *r, json_t *const *values)
{
    json_t *row = json_object();
    for (size_t i = 0; i < r->n; i++)
        json_object_set(row, r->columns[i], values[i]);
    json_dumpf(row, r->out.f, JSON_COMPACT | JSON_REAL_PRECISION(17));
    putc('\n', r->out.f);
    json_decref(row);
}

void rows_put(struct rows *r, json_t *const *values)
{
    (r->tsv ? put_tsv : put_jsonl)(r, values);
    for (size_t i = 0; i < r->n; i++)
        json_decref(values[i]);
}

int rows_close(struct rows *r, struct err *err)
{
    return output_close(&r->out, err);
}
