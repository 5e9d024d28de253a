/* SPDX-License-Identifier: MIT */
/*
 * cuts.h - cuts the power at operations of an upgrade, and sees what comes of
 * it
 *
 * An upgrade runs once on a flash.  At each operation chosen, the flash is
 * copied for every way in which a cut may damage that operation, and the
 * upgrade goes on from the copy as it would after a restart: with further cuts
 * on the way, or without.
 */
#ifndef DFOTA_TESTS_POWER_CUTS_H
#define DFOTA_TESTS_POWER_CUTS_H

#include "dfota/upgrade.h"
#include "tests/power/sim.h"

/* An upgrade to be cut. */
struct scene {
    char name[64];
    struct dfota_flash flash; /* what it is like */
    const uint8_t *old;       /* all of the flash before */
    struct dfota_area journal;
    struct dfota_area image;   /* what is updated, for its wear */
    struct dfota_area scratch; /* likewise; size 0: there is none */
    /*
     * Starts the module again and again until the upgrade is through, or
     * `sim->off`; looks at each start whether the flash is as it has to be.
     * NULL, or what is wrong.
     */
    const char *(*run)(const struct scene *scene, struct sim *sim);
    const void *data; /* of the kind of scene */
};

/* What a module brings along for the scene, with all that can be linked in. */
struct dfota_platform scene_platform(const struct scene *scene, struct sim *sim,
                                     void *memory, size_t memory_size);

struct cut_counts {
    uint64_t operations; /* of the upgrades that were cut */
    uint64_t cuts;       /* cut points tried, those in recoveries included */
    uint64_t errors;     /* operations that failed without a cut */
    uint64_t wrong;      /* upgrades that ended wrong */
};

/*
 * Cuts at every operation in every way; in each recovery one more cut follows
 * at a random operation, or with `nested` at every one in a random way.  Then
 * lets every operation fail once.  Prints what went wrong.
 */
void cuts_everywhere(const struct scene *scene, bool nested, uint32_t seed,
                     struct cut_counts *counts);

/*
 * Cuts at `count` random operations, in random ways.  A recovery ends where
 * state and flash, but for the journal, are those of the upgrade without a cut
 * at the same place; one of 64 goes on to the end all the same.
 */
void cuts_at_random(const struct scene *scene, uint64_t count, uint32_t seed,
                    struct cut_counts *counts);

#endif
