/* SPDX-License-Identifier: MIT */
/*
 * sim.h - a NOR flash whose power fails, and whose rules are enforced
 *
 * Pages are shared between copies of a flash until one of them is written, so
 * a copy for each operation at which the power is cut costs next to nothing.
 * Every byte knows whether it has been programmed since it was erased, and
 * every bit whether it can be relied on: one that cannot reads differently
 * each time.
 */
#ifndef DFOTA_TESTS_POWER_SIM_H
#define DFOTA_TESTS_POWER_SIM_H

#include <stdbool.h>

#include "dfota/flash.h"

/* What is left of an operation in which the power is cut, or that fails. */
enum sim_damage {
    SIM_NOTHING,  /* it has not begun */
    SIM_TRACE,    /* nothing of it, but a few bits are unstable */
    SIM_PREFIX,   /* its first bytes are done */
    SIM_SUBSET,   /* each bit is done or not, by chance */
    SIM_UNSTABLE, /* each bit is done, not done, or unstable */
    SIM_MARGINAL, /* all of it, but a few bits are unstable */
    SIM_ALL,      /* all of it */
    SIM_DAMAGES
};

/* A programming, or where `bytes` is NULL an erasing. */
struct sim_op {
    uint32_t address;
    uint32_t size;
    const uint8_t *bytes;
};

struct sim_page;

struct sim {
    struct dfota_flash flash; /* for the applier; its context is this */
    struct sim_page **pages;
    uint32_t *erases;    /* of each sector */
    uint32_t random;     /* not 0 */
    uint64_t ops;        /* operations begun */
    uint64_t programmed; /* bytes */
    const char *misuse;  /* the first rule that was broken, or NULL */
    bool off;            /* nothing works any more */
    /* Called before each operation; may set `off`, or `fail`. */
    void (*watch)(struct sim *sim, const struct sim_op *op);
    void *watcher;
    bool fail; /* the operation is damaged as follows, and an error returned */
    enum sim_damage damage;
};

/* A flash that holds `image`, and works as `like` says, context and callbacks
 * apart.  Ends the program where there is no memory. */
struct sim *sim_new(const struct dfota_flash *like, const uint8_t *image,
                    uint32_t random);

/* A copy that nobody watches. */
struct sim *sim_clone(const struct sim *sim, uint32_t random);

void sim_free(struct sim *sim);

/* Leaves what `damage` says of `op`. */
void sim_damage(struct sim *sim, const struct sim_op *op,
                enum sim_damage damage);

/* Whether all bits of a range can be relied on and are those of `bytes`. */
bool sim_holds(const struct sim *sim, uint32_t address, const uint8_t *bytes,
               uint32_t size);

/* Whether two copies of a flash are the same, bit by bit, in a range of whole
 * pages. */
bool sim_equal(const struct sim *a, const struct sim *b,
               struct dfota_area area);

/* The most often that a sector of `area` has been erased. */
uint32_t sim_most_erases(const struct sim *sim, struct dfota_area area);

#endif
