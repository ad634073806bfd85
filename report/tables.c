/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "report/escape.h"
#include "report/output.h"
#include "report/value.h"

/* One file: rows are objects of column name -> value, columns their union in order. */
struct csv {
    char *name;
    json_t *columns, *rows;
};

struct tables {
    struct csv *v;
    size_t n, cap;
};

static struct csv *find(struct tables *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->v[i].name, name) == 0)
            return &t->v[i];
    MEM_GROW(t->v, t->n, t->cap);
    t->v[t->n] = (struct csv){mem_copy(name, strlen(name)), json_object(), json_array()};
    return &t->v[t->n++];
}

static bool of_objects(const json_t *list)
{
    return json_is_object(json_array_get(list, 0));
}

/* A list of texts and numbers as one text. */
static json_t *joined(const json_t *list)
{
    char *text = NULL;
    size_t size = 0, i;
    const json_t *v;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return json_null();
    json_array_foreach(list, i, v)
    {
        fputs(i ? "; " : "", out);
        if (json_is_string(v))
            fputs(json_string_value(v), out);
        else if (json_is_number(v))
            fprintf(out, "%.17g", json_number_value(v));
    }
    fclose(out);
    json_t *s = json_string(text);
    free(text);
    return s;
}

/* Members of `object` into a row, those of inner objects under "outer.inner". */
static void flatten(json_t *row, const char *prefix, json_t *object)
{
    const char *key;
    json_t *v;
    json_object_foreach(object, key, v)
    {
        char *name = mem_format("%s%s", prefix, key);
        if (json_is_object(v)) {
            char *inner = mem_format("%s.", name);
            flatten(row, inner, v);
            free(inner);
        } else if (json_is_array(v)) {
            if (!of_objects(v))
                json_object_set_new(row, name, joined(v));
        } else {
            json_object_set(row, name, v);
        }
        free(name);
    }
}

static void collect(struct tables *t, const char *path, const json_t *keys, json_t *object);

static void collect_list(struct tables *t, const char *path, const char *key,
                         const json_t *keys, json_t *list)
{
    size_t i;
    json_t *v;
    json_array_foreach(list, i, v)
    {
        json_t *row = json_deep_copy(keys), *below = json_deep_copy(keys);
        const char *id = value_text(v, "id"), *column;
        json_t *member;
        flatten(row, "", v);
        struct csv *f = find(t, path);
        json_object_foreach(row, column, member)
            json_object_set_new(f->columns, column, json_true());
        json_array_append_new(f->rows, row);
        json_object_set_new(below, key, *id ? json_string(id) : json_integer((json_int_t)i));
        collect(t, path, below, v);
        json_decref(below);
    }
}

/* The lists below an object, with `keys` to say whose they are. */
static void collect(struct tables *t, const char *path, const json_t *keys, json_t *object)
{
    const char *key;
    json_t *v;
    json_object_foreach(object, key, v)
    {
        if (strcmp(key, "plots") == 0)
            continue;
        char *name = mem_format("%s%s%s", path, *path ? "." : "", key);
        if (json_is_array(v) && of_objects(v))
            collect_list(t, name, key, keys, v);
        else if (json_is_object(v))
            collect(t, name, keys, v);
        free(name);
    }
}

static void put_field(FILE *out, const json_t *v)
{
    if (json_is_string(v))
        escape_csv(out, json_string_value(v));
    else if (json_is_integer(v))
        fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    else if (json_is_real(v))
        fprintf(out, "%.17g", json_real_value(v));
    else if (json_is_boolean(v))
        fputs(json_is_true(v) ? "true" : "false", out);
}

static void put_table(FILE *out, const struct csv *f)
{
    size_t i;
    const json_t *row;
    const char *column, *comma = "";
    json_t *unused;
    json_object_foreach(f->columns, column, unused)
    {
        fputs(comma, out);
        escape_csv(out, column);
        comma = ",";
    }
    json_array_foreach(f->rows, i, row)
    {
        comma = "\r\n";
        json_object_foreach(f->columns, column, unused)
        {
            fputs(comma, out);
            put_field(out, json_object_get(row, column));
            comma = ",";
        }
    }
    fputs("\r\n", out);
}

static int write_one(const struct csv *f, const char *folder, struct err *err)
{
    char *path = mem_format("%s/%s.csv", folder, f->name);
    struct output out;
    int rc = output_open(&out, path, err);
    if (rc == 0) {
        put_table(out.f, f);
        rc = output_close(&out, err);
    }
    free(path);
    return rc;
}

int tables_write(const json_t *results, const char *dir, struct err *err)
{
    struct tables t = {0};
    json_t *none = json_object(), *all = json_deep_copy(results);
    char *folder = mem_format("%s/tables", dir);
    int rc = 0;
    collect(&t, "", none, all); /* jansson walks no const object */
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        rc = err_set_errno(err, "%s", folder);
    for (size_t i = 0; i < t.n; i++) {
        if (rc == 0)
            rc = write_one(&t.v[i], folder, err);
        free(t.v[i].name);
        json_decref(t.v[i].columns);
        json_decref(t.v[i].rows);
    }
    free(t.v);
    free(folder);
    json_decref(none);
    json_decref(all);
    return rc;
}
