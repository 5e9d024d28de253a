/* SPDX-License-Identifier: MIT */
/* mini_scene.h - MiniFOTA upgrades for the power to be cut in */
#ifndef DFOTA_TESTS_POWER_MINI_SCENE_H
#define DFOTA_TESTS_POWER_MINI_SCENE_H

#include "dfota/upgrade.h"
#include "lib/base/buffer.h"
#include "tests/power/cuts.h"

/* What a MiniFOTA scene is about.  Owns what it points to. */
struct mini_scene {
    struct dfota_mini_header header;
    struct dfota_area storage;
    struct dfota_area backup;
    uint8_t *old; /* all of the flash */
    uint8_t *new; /* likewise */
    struct dfota_buffer first;
    struct dfota_buffer second;
};

/* Sizes in bytes; of the flash itself as struct dfota_flash has them. */
struct mini_scene_sizes {
    uint32_t old_mini; /* that are not erased, of the Mini region */
    uint32_t new_mini;
    uint32_t old_app;
    uint32_t new_app;
};

/*
 * Makes a small flash: a sector that is kept, the journal, a Mini region of two
 * sectors, two app regions of two and three, another one that is kept.  `flash`
 * says all but the size.
 */
void mini_scene_make(struct scene *scene, struct mini_scene *mini,
                     const struct dfota_flash *flash,
                     const struct mini_scene_sizes *sizes);

/*
 * Makes one of two images of a flash and the package between them; sector,
 * unit and erased value are those in `flash`.  The journal takes the place of
 * what lies at `journal`, storage and backup the begin of the big system.
 * False where the package does not go with that.
 */
bool mini_scene_load(struct scene *scene, struct mini_scene *mini,
                     const struct dfota_flash *flash, uint32_t journal);

void mini_scene_free(struct mini_scene *mini);

#endif
