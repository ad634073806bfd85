/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/par.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

struct job {
    atomic_size_t next;
    size_t n;
    par_fn *fn;
    void *ctx;
};

struct worker {
    struct job *job;
    size_t index;
    pthread_t thread;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    for (size_t i; (i = atomic_fetch_add(&w->job->next, 1)) < w->job->n;)
        w->job->fn(w->job->ctx, i, w->index);
    return NULL;
}

size_t par_threads(size_t asked)
{
    if (asked)
        return asked;
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (size_t)n : 1;
}

void par_for(size_t threads, size_t n, par_fn *fn, void *ctx)
{
    threads = par_threads(threads);
    if (threads > n)
        threads = n ? n : 1;
    struct job job = {.n = n, .fn = fn, .ctx = ctx};
    struct worker *workers = mem_zero(threads, sizeof *workers);
    size_t started = 1; /* worker 0 is the caller */
    for (; started < threads; started++) {
        workers[started] = (struct worker){.job = &job, .index = started};
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0)
            break; /* fewer threads: slower, same result */
    }
    workers[0] = (struct worker){.job = &job, .index = 0};
    work(&workers[0]);
    for (size_t i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    free(workers);
}
