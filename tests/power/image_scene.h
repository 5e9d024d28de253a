/* SPDX-License-Identifier: MIT */
/* image_scene.h - upgrades in place for the power to be cut in */
#ifndef DFOTA_TESTS_POWER_IMAGE_SCENE_H
#define DFOTA_TESTS_POWER_IMAGE_SCENE_H

#include "dfota/upgrade.h"
#include "lib/base/buffer.h"
#include "tests/power/cuts.h"

#define IMAGE_SCENE_PARTS 2

/* What an image is, and becomes. */
struct image_scene_part {
    struct dfota_image_part part;
    struct dfota_buffer old;
    struct dfota_buffer new;
};

/* What a scene of images is about.  Owns what it points to. */
struct image_scene {
    struct image_scene_part parts[IMAGE_SCENE_PARTS];
    uint8_t part_count;
    uint8_t retries;
    struct dfota_area package;
    struct dfota_area scratch;
    uint32_t package_size;
    uint8_t *flash; /* all of it, before */
};

/* Appends an entry to a package, or with no name the end of the entries. */
void image_scene_add_entry(struct dfota_buffer *zip, const char *name,
                           struct dfota_view bytes);

/* A delta in place, for sectors and scratch area; false where there is none. */
bool image_scene_delta(struct dfota_view old, struct dfota_view new,
                       const struct dfota_flash *flash, uint32_t scratch,
                       struct dfota_buffer *out);

/*
 * Makes a flash for the images in `images->parts`, each with its part's entry,
 * of which the areas are filled in: kept bytes, the journal, the images, a
 * scratch area of `scratch` bytes, the package, kept bytes.  `flash` says all
 * but the size.
 */
void image_scene_make(struct scene *scene, struct image_scene *images,
                      const struct dfota_flash *flash, uint32_t scratch);

void image_scene_free(struct image_scene *images);

#endif
