/* SPDX-License-Identifier: MIT */
#include "tests/power/cuts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/codecs.h"
#include "lib/apply/journal.h"
#include "tests/support/random.h"

#define STATE_AT   20 /* where in a record the state stands */
#define STATE_SIZE 32
#define TO_THE_END 64 /* one of so many recoveries is not stopped early */

struct dfota_platform scene_platform(const struct scene *scene, struct sim *sim,
                                     void *memory, size_t memory_size)
{
    return (struct dfota_platform){
        .flash = &sim->flash,
        .journal = scene->journal,
        .codings = dfota_codings,
        .isas = dfota_all_isas,
        .codecs = dfota_codecs,
        .memory = memory,
        .memory_size = memory_size,
    };
}

/* The flash when the upgrade without a cut notes a state. */
struct checkpoint {
    uint8_t state[STATE_SIZE];
    struct sim *flash;
};

struct checkpoints {
    struct checkpoint *items;
    size_t count;
    size_t room;
};

/* What a watcher knows. */
struct cutter {
    const struct scene *scene;
    struct cut_counts *counts;
    uint32_t random;
    bool nested;
    unsigned depth; /* how many cuts there may be, one after the other */
    uint64_t at;    /* the operation to cut or to fail at; 0: any */
    double chance;  /* that an operation is cut at */
    struct checkpoints *checkpoints; /* or NULL */
    size_t passed;                   /* checkpoints behind the upgrade */
    bool converged;                  /* the rest goes as without a cut */
};

static void tell(const struct cutter *cutter, const struct sim_op *op,
                 enum sim_damage damage, const char *problem)
{
    if (cutter->counts->wrong++ < 10)
        printf("%s: %s %lu bytes at 0x%lx, damage %d, depth %u: %s\n",
               cutter->scene->name, op->bytes ? "program" : "erase",
               (unsigned long)op->size, (unsigned long)op->address, damage,
               cutter->depth, problem);
}

/* --- checkpoints ---------------------------------------------------------- */

static bool is_record(const struct cutter *cutter, const struct sim_op *op)
{
    struct dfota_area area = cutter->scene->journal;

    return op->bytes != NULL && op->size == DFOTA_JOURNAL_RECORD &&
           op->address - area.address < area.size &&
           memcmp(op->bytes,
                  "\x89"
                  "DFJ",
                  4) == 0;
}

static void watch_reference(struct sim *sim, const struct sim_op *op)
{
    struct cutter *cutter = sim->watcher;
    struct checkpoints *list = cutter->checkpoints;

    if (!is_record(cutter, op))
        return;
    if (list->count == list->room) {
        list->room = list->room * 2 + 64;
        list->items = realloc(list->items, list->room * sizeof(*list->items));
        if (list->items == NULL)
            abort();
    }
    memcpy(list->items[list->count].state, op->bytes + STATE_AT, STATE_SIZE);
    list->items[list->count++].flash = sim_clone(sim, 1);
}

/* Whether the flash is that of the checkpoint, the journal apart. */
static bool agrees(const struct scene *scene, const struct sim *sim,
                   const struct checkpoint *checkpoint)
{
    struct dfota_area before = {0, scene->journal.address};
    uint32_t end = scene->journal.address + scene->journal.size;
    struct dfota_area behind = {end, scene->flash.size - end};

    return sim_equal(sim, checkpoint->flash, before) &&
           sim_equal(sim, checkpoint->flash, behind);
}

/* Stops a recovery that has caught up with the upgrade without a cut. */
static void look_for_end(struct cutter *cutter, struct sim *sim,
                         const struct sim_op *op)
{
    const struct checkpoints *list = cutter->checkpoints;

    if (list == NULL || !is_record(cutter, op))
        return;
    for (size_t i = cutter->passed; i < list->count; i++)
        if (memcmp(list->items[i].state, op->bytes + STATE_AT, STATE_SIZE) ==
                0 &&
            agrees(cutter->scene, sim, &list->items[i])) {
            cutter->converged = true;
            sim->off = true;
            return;
        }
}

/* --- cuts ----------------------------------------------------------------- */

static void watch_recovery(struct sim *sim, const struct sim_op *op);

/* Goes on from the flash as it is, with the operation damaged. */
static void cut(struct cutter *cutter, struct sim *sim, const struct sim_op *op,
                enum sim_damage damage)
{
    struct sim *copy = sim_clone(sim, random_next(&cutter->random));
    struct cutter next = *cutter;
    const char *problem;

    next.depth = cutter->depth - 1;
    next.random = random_next(&cutter->random);
    next.at = 0;
    next.chance = cutter->nested ? 1 : 0.02;
    if (next.checkpoints != NULL && next.random % TO_THE_END == 0)
        next.checkpoints = NULL;
    cutter->counts->cuts++;
    sim_damage(copy, op, damage);
    copy->watch = watch_recovery;
    copy->watcher = &next;
    problem = cutter->scene->run(cutter->scene, copy);
    if (problem == NULL)
        problem = copy->misuse;
    if (problem != NULL && !next.converged)
        tell(cutter, op, damage, problem);
    sim_free(copy);
}

static void watch_recovery(struct sim *sim, const struct sim_op *op)
{
    struct cutter *cutter = sim->watcher;

    look_for_end(cutter, sim, op);
    if (sim->off || cutter->depth == 0)
        return;
    if (random_next(&cutter->random) < cutter->chance * UINT32_MAX) {
        cut(cutter, sim, op, random_below(&cutter->random, SIM_DAMAGES));
        if (!cutter->nested)
            cutter->depth = 0; /* one for each recovery */
    }
}

static void watch_everywhere(struct sim *sim, const struct sim_op *op)
{
    for (int damage = 0; damage < SIM_DAMAGES; damage++)
        cut(sim->watcher, sim, op, (enum sim_damage)damage);
}

static void watch_at_random(struct sim *sim, const struct sim_op *op)
{
    struct cutter *cutter = sim->watcher;

    if (is_record(cutter, op))
        cutter->passed++;
    while (random_next(&cutter->random) < cutter->chance * UINT32_MAX)
        cut(cutter, sim, op, random_below(&cutter->random, SIM_DAMAGES));
}

static void watch_failing(struct sim *sim, const struct sim_op *op)
{
    struct cutter *cutter = sim->watcher;

    (void)op;
    if (sim->ops != cutter->at)
        return;
    sim->fail = true;
    sim->damage = (enum sim_damage)random_below(&cutter->random, SIM_DAMAGES);
}

/* Runs the upgrade once with a watcher; the operations it took. */
static uint64_t run_watched(struct cutter *cutter,
                            void (*watch)(struct sim *, const struct sim_op *))
{
    const struct scene *scene = cutter->scene;
    const struct sim_op none = {0};
    struct sim *sim =
        sim_new(&scene->flash, scene->old, random_next(&cutter->random));
    const char *problem;
    uint64_t ops;

    sim->watch = watch;
    sim->watcher = cutter;
    problem = scene->run(scene, sim);
    if (problem == NULL)
        problem = sim->misuse;
    if (problem != NULL)
        tell(cutter, &none, SIM_NOTHING, problem);
    ops = sim->ops;
    sim_free(sim);
    return ops;
}

void cuts_everywhere(const struct scene *scene, bool nested, uint32_t seed,
                     struct cut_counts *counts)
{
    struct cutter cutter = {.scene = scene,
                            .counts = counts,
                            .random = seed | 1,
                            .nested = nested,
                            .depth = nested ? 2 : 3};
    uint64_t ops = run_watched(&cutter, watch_everywhere);

    counts->operations += ops;
    for (cutter.at = 1; cutter.at <= ops; cutter.at++) {
        run_watched(&cutter, watch_failing);
        counts->errors++;
    }
}

void cuts_at_random(const struct scene *scene, uint64_t count, uint32_t seed,
                    struct cut_counts *counts)
{
    struct checkpoints checkpoints = {0};
    struct cutter cutter = {.scene = scene,
                            .counts = counts,
                            .random = seed | 1,
                            .depth = 2,
                            .checkpoints = &checkpoints};
    uint64_t ops = run_watched(&cutter, watch_reference);

    counts->operations += ops;
    cutter.chance = (double)count / (double)(ops + count);
    run_watched(&cutter, watch_at_random);
    for (size_t i = 0; i < checkpoints.count; i++)
        sim_free(checkpoints.items[i].flash);
    free(checkpoints.items);
}
