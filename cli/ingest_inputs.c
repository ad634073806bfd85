/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/ingest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *ingest_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

int ingest_read_text(char **ret, const char *path, struct err *err)
{
    struct input *in;
    int rc = input_open(&in, path, err);
    if (rc < 0)
        return rc;
    char *text = NULL;
    size_t n = 0;
    ssize_t got;
    do {
        text = mem_resize(text, n + 65536 + 1, 1);
        got = input_read(in, text + n, 65536, err);
        n += got > 0 ? (size_t)got : 0;
    } while (got > 0);
    input_close(in);
    if (got < 0) {
        free(text);
        return (int)got;
    }
    text[n] = '\0';
    *ret = text;
    return 0;
}

static void push(struct opt_list *l, const char *text)
{
    MEM_GROW(l->v, l->n, l->cap);
    l->v[l->n++] = text;
}

/* FILE or FILE@server=NAME. */
static void add_input(struct ingest_job *job, const char *operand)
{
    static const char mark[] = "@server=";
    char *path = arena_copy(&job->texts, operand, strlen(operand)), *at = NULL;
    for (char *p = path; (p = strstr(p, mark)); p++)
        at = p;
    if (at)
        *at = '\0';
    push(&job->inputs, path);
    push(&job->servers, at ? at + sizeof mark - 1 : NULL);
}

int ingest_list_inputs(struct ingest_job *job, int argc, char **argv, struct err *err)
{
    for (int i = 0; i < argc; i++)
        add_input(job, argv[i]);
    if (job->v.files_from) {
        int rc = ingest_read_text(&job->list_text, job->v.files_from, err);
        if (rc < 0)
            return rc;
        char *rest = job->list_text, *line;
        while ((line = strsep(&rest, "\n")))
            if (line[strspn(line, " \t\r")] != '\0') {
                line[strcspn(line, "\r")] = '\0';
                add_input(job, line);
            }
    }
    if (job->inputs.n == 0)
        return err_set(err, ERR_USAGE, "ingest: expected at least one input, found none");
    struct stat st;
    for (size_t i = 0; i < job->inputs.n; i++)
        if (stat(job->inputs.v[i], &st) == 0)
            job->bytes_all += (double)st.st_size;
    return 0;
}
