/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as results.json: refused with a reason, or rendered in every format,
 * whatever it lacks. No figure is drawn. */
#include <sys/stat.h>

#include "base/mem.h"
#include "report/report.h"
#include "tests/fuzz/file.h"

static void render(const json_t *results)
{
    const struct figures none = {0};
    for (const struct report_format *f = report_table; f->name; f++) {
        if (!f->render) /* a folder of CSV */
            continue;
        char *text = NULL;
        size_t n = 0;
        FILE *out = open_memstream(&text, &n);
        require(out, "a stream in memory");
        f->render(out, results, &none);
        require(fclose(out) == 0 && n > 0, "a report holds something");
        free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char folder[64];
    snprintf(folder, sizeof folder, "%s/fuzz-results-XXXXXX",
             access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    require(mkdtemp(folder), "a folder");
    char *path = mem_format("%s/results.json", folder);
    FILE *file = fopen(path, "wb");
    require(file && fwrite(data, 1, size, file) == size && fclose(file) == 0, "a file");

    json_t *results = NULL;
    struct err err = {0};
    if (report_load(&results, folder, &err) < 0)
        require(!results && err.msg[0] != '\0', "a refusal has a reason");
    else
        render(results);
    json_decref(results);
    unlink(path);
    rmdir(folder);
    free(path);
    return 0;
}
