/* SPDX-License-Identifier: MIT */
#include "tests/power/image_scene.h"

#include <stdlib.h>
#include <string.h>

#include "jobs/codecs.h"
#include "lib/apply/crc32.h"
#include "lib/apply/journal.h"
#include "lib/base/digest.h"
#include "lib/delta/delta.h"

#define MEMORY ((uint32_t)64 << 10) /* that the module has */
#define ROUNDS 400 /* starts after which an upgrade has gone astray */

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

/* --- running -------------------------------------------------------------- */

static bool holds(const struct image_scene *images, const struct sim *sim,
                  bool new)
{
    for (unsigned i = 0; i < images->part_count; i++) {
        const struct image_scene_part *part = &images->parts[i];
        const struct dfota_buffer *image = new ? &part->new : &part->old;

        if (!sim_holds(sim, part->part.area.address, image->data,
                       (uint32_t)image->size))
            return false;
    }
    return true;
}

/* Whether the bytes at both ends, and the package, are as they were. */
static bool keeps_rest(const struct scene *scene, const struct sim *sim)
{
    const struct image_scene *images = scene->data;
    uint32_t behind = images->package.address;

    return sim_holds(sim, 0, images->flash, scene->journal.address) &&
           sim_holds(sim, behind, images->flash + behind,
                     scene->flash.size - behind);
}

/* What has to be true whenever the module starts. */
static const char *check(const struct scene *scene, const struct sim *sim,
                         enum dfota_image_step step)
{
    if (!keeps_rest(scene, sim))
        return "what is kept has changed";
    if (step <= DFOTA_IMAGE_STEP_CHECK && !holds(scene->data, sim, false))
        return "not the old images";
    if (step == DFOTA_IMAGE_STEP_DONE && !holds(scene->data, sim, true))
        return "not the new images";
    return NULL;
}

static const char *run(const struct scene *scene, struct sim *sim)
{
    const struct image_scene *images = scene->data;
    struct dfota_image_part parts[IMAGE_SCENE_PARTS];
    const struct dfota_platform platform =
        scene_platform(scene, sim, must(aligned_alloc(16, MEMORY)), MEMORY);
    const char *problem = "it does not end";

    for (unsigned i = 0; i < images->part_count; i++)
        parts[i] = images->parts[i].part;
    for (unsigned round = 0; round < ROUNDS && !sim->off; round++) {
        struct dfota_image_upgrade upgrade = {
            .platform = &platform,
            .parts = parts,
            .part_count = images->part_count,
            .retries = images->retries,
            .package = images->package,
            .package_size = images->package_size,
            .scratch = images->scratch,
        };
        enum dfota_error err = dfota_image_upgrade_open(&upgrade, NULL);
        enum dfota_image_step step = dfota_image_upgrade_step(&upgrade);
        const char *wrong = err ? NULL : check(scene, sim, step);

        if (wrong != NULL || (!err && step == DFOTA_IMAGE_STEP_DONE)) {
            problem = wrong;
            break;
        }
        if (!err)
            err = step == DFOTA_IMAGE_STEP_IDLE
                      ? dfota_image_upgrade_begin(&upgrade, NULL)
                      : dfota_image_upgrade_run(&upgrade, NULL);
        if (err && err != DFOTA_ERR_IO) {
            problem = "a good package was refused";
            break;
        }
    }
    free(platform.memory);
    return problem;
}

/* --- making --------------------------------------------------------------- */

void image_scene_add_entry(struct dfota_buffer *zip, const char *name,
                           struct dfota_view bytes)
{
    if (name == NULL) {
        dfota_buffer_add(zip, "PK\1\2", 4);
        return;
    }
    dfota_buffer_add(zip, "PK\3\4", 4);
    dfota_buffer_add_le(zip, 10, 2);   /* zip 1.0 */
    dfota_buffer_add_le(zip, 0, 6);    /* no flags, stored, midnight */
    dfota_buffer_add_le(zip, 0x21, 2); /* 1980-01-01 */
    dfota_buffer_add_le(zip, dfota_crc32(0, bytes.data, bytes.size), 4);
    dfota_buffer_add_le(zip, bytes.size, 4);
    dfota_buffer_add_le(zip, bytes.size, 4);
    dfota_buffer_add_le(zip, strlen(name), 2);
    dfota_buffer_add_le(zip, 0, 2);
    dfota_buffer_add(zip, name, strlen(name));
    dfota_buffer_add(zip, bytes.data, bytes.size);
}

bool image_scene_delta(struct dfota_view old, struct dfota_view new,
                       const struct dfota_flash *flash, uint32_t scratch,
                       struct dfota_buffer *out)
{
    struct dfota_digests digests[2] = {0};
    const struct dfota_images images = {.old = {old, &digests[0]},
                                        .new = {new, &digests[1]}};
    const struct dfota_progress silent = {0};
    const struct dfota_delta_options options = {
        .mixed = true,
        .encoders = dfota_encoders(DFOTA_CODEC_MIXED),
        .ram = MEMORY,
        .threads = 1,
        .sector = flash->sector_size,
        .scratch = scratch,
        .progress = &silent};

    return dfota_digest(old.data, old.size, &digests[0], NULL) == DFOTA_OK &&
           dfota_digest(new.data, new.size, &digests[1], NULL) == DFOTA_OK &&
           dfota_delta_make(&images, &options, out, NULL) == DFOTA_OK;
}

static uint32_t whole_sectors(const struct dfota_flash *flash, size_t size)
{
    uint32_t sector = flash->sector_size;

    return ((uint32_t)size + sector - 1) / sector * sector;
}

static void add_delta(const struct image_scene_part *part,
                      const struct dfota_flash *flash, uint32_t scratch,
                      struct dfota_buffer *zip)
{
    struct dfota_buffer delta = {0};

    if (!image_scene_delta(dfota_buffer_view(&part->old),
                           dfota_buffer_view(&part->new), flash, scratch,
                           &delta))
        abort();
    image_scene_add_entry(zip, part->part.entry, dfota_buffer_view(&delta));
    dfota_buffer_free(&delta);
}

void image_scene_make(struct scene *scene, struct image_scene *images,
                      const struct dfota_flash *flash, uint32_t scratch)
{
    static const struct dfota_view manifest = {(const uint8_t *)"{}", 2};
    struct dfota_buffer zip = {0};
    uint32_t at = flash->sector_size;

    image_scene_add_entry(&zip, "manifest.json", manifest);
    scene->journal = (struct dfota_area){at, dfota_journal_size(flash, 0)};
    at += scene->journal.size;
    for (unsigned i = 0; i < images->part_count; i++) {
        struct image_scene_part *part = &images->parts[i];
        size_t size =
            part->old.size > part->new.size ? part->old.size : part->new.size;

        part->part.area = (struct dfota_area){at, whole_sectors(flash, size)};
        at += part->part.area.size;
        add_delta(part, flash, scratch, &zip);
    }
    image_scene_add_entry(&zip, NULL, manifest);
    images->scratch = (struct dfota_area){at, whole_sectors(flash, scratch)};
    at += images->scratch.size;
    images->package = (struct dfota_area){at, whole_sectors(flash, zip.size)};
    images->package_size = (uint32_t)zip.size;
    scene->flash = *flash;
    scene->flash.size = at + images->package.size + flash->sector_size;
    images->flash = must(malloc(scene->flash.size));
    memset(images->flash, 0x3c, scene->flash.size);
    for (unsigned i = 0; i < images->part_count; i++)
        memcpy(images->flash + images->parts[i].part.area.address,
               images->parts[i].old.data, images->parts[i].old.size);
    memcpy(images->flash + images->package.address, zip.data, zip.size);
    dfota_buffer_free(&zip);
    scene->scratch = images->scratch;
    scene->image.address = images->parts[0].part.area.address;
    scene->image.size = images->scratch.address - scene->image.address;
    scene->old = images->flash;
    scene->run = run;
    scene->data = images;
}

void image_scene_free(struct image_scene *images)
{
    for (unsigned i = 0; i < images->part_count; i++) {
        dfota_buffer_free(&images->parts[i].old);
        dfota_buffer_free(&images->parts[i].new);
    }
    free(images->flash);
    *images = (struct image_scene){0};
}
