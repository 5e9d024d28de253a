/* SPDX-License-Identifier: MIT */
#include "tests/power/mini_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/mini.h"
#include "jobs/codecs.h"
#include "lib/apply/crc32.h"
#include "lib/apply/journal.h"
#include "lib/apply/mini_header.h"
#include "lib/base/digest.h"
#include "lib/delta/delta.h"
#include "tests/power/made.h"

#define HEADER_BLOB                                                            \
    (DFOTA_MINI_REGIONS_AT + DFOTA_MINI_REGION_SIZE * DFOTA_MINI_REGIONS_MAX)
#define ROUNDS 200 /* starts after which an upgrade has gone astray */

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

/* --- running -------------------------------------------------------------- */

static enum dfota_error give(const struct dfota_buffer *file, uint32_t offset,
                             void *out, size_t size)
{
    if (offset > file->size || size > file->size - offset)
        return DFOTA_ERR_TRUNCATED;
    memcpy(out, file->data + offset, size);
    return DFOTA_OK;
}

static enum dfota_error read_first(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    return give(&((const struct mini_scene *)context)->first, offset, out,
                size);
}

static enum dfota_error read_second(void *context, uint32_t offset, void *out,
                                    size_t size)
{
    return give(&((const struct mini_scene *)context)->second, offset, out,
                size);
}

static bool holds_region(const struct mini_scene *mini, const struct sim *sim,
                         unsigned index, const uint8_t *image)
{
    const struct dfota_mini_region *region = &mini->header.regions[index];

    return sim_holds(sim, region->address, image + region->address,
                     region->length);
}

static bool holds_all(const struct mini_scene *mini, const struct sim *sim,
                      const uint8_t *image)
{
    for (unsigned i = 0; i < mini->header.region_count; i++)
        if (!holds_region(mini, sim, i, image))
            return false;
    return true;
}

/* Whether what no region and no journal covers is as it was. */
static bool keeps_rest(const struct scene *scene, const struct sim *sim)
{
    const struct mini_scene *mini = scene->data;
    uint32_t sector = scene->flash.sector_size;

    for (uint32_t at = 0; at < scene->flash.size; at += sector) {
        bool kept = at - scene->journal.address >= scene->journal.size;

        for (unsigned i = 0; i < mini->header.region_count; i++)
            kept &= at - mini->header.regions[i].address >=
                    mini->header.regions[i].length;
        if (kept && !sim_holds(sim, at, mini->old + at, sector))
            return false;
    }
    return true;
}

/* What has to be true whenever the module starts. */
static const char *check(const struct scene *scene, const struct sim *sim,
                         enum dfota_mini_step step)
{
    const struct mini_scene *mini = scene->data;
    const struct dfota_mini_region *region = &mini->header.regions[0];

    if (!keeps_rest(scene, sim))
        return "what is kept has changed";
    switch (step) {
    case DFOTA_MINI_STEP_IDLE:
    case DFOTA_MINI_STEP_HEADER:
        return holds_all(mini, sim, mini->old) ? NULL : "not the old flash";
    case DFOTA_MINI_STEP_PACKAGE:
        return holds_region(mini, sim, 0, mini->old)
                   ? NULL
                   : "not the old Mini system";
    case DFOTA_MINI_STEP_PATCH:
    case DFOTA_MINI_STEP_RESTORE:
        return sim_holds(sim, mini->backup.address, mini->old + region->address,
                         region->length)
                   ? NULL
                   : "no backup";
    case DFOTA_MINI_STEP_SECOND:
        return holds_region(mini, sim, 0, mini->new)
                   ? NULL
                   : "not the new Mini system";
    case DFOTA_MINI_STEP_DONE:
        return holds_all(mini, sim, mini->new) ? NULL : "not the new flash";
    }
    return "no such step";
}

static const char *run(const struct scene *scene, struct sim *sim)
{
    const struct mini_scene *mini = scene->data;
    const size_t memory = (mini->header.ram + 4096) & ~15U;
    const struct dfota_platform platform =
        scene_platform(scene, sim, must(aligned_alloc(16, memory)), memory);
    const char *problem = "it does not end";

    for (unsigned round = 0; round < ROUNDS && !sim->off; round++) {
        struct dfota_mini_upgrade upgrade = {
            .platform = &platform,
            .storage = mini->storage,
            .backup = mini->backup,
            .context = (void *)(uintptr_t)mini,
            .read_first = read_first,
            .read_second = read_second,
        };
        enum dfota_error err = dfota_mini_upgrade_open(&upgrade, NULL);
        enum dfota_mini_step step = dfota_mini_upgrade_step(&upgrade);
        const char *wrong = err ? NULL : check(scene, sim, step);

        if (wrong != NULL || (!err && step == DFOTA_MINI_STEP_DONE)) {
            problem = wrong;
            break;
        }
        if (!err)
            err = step == DFOTA_MINI_STEP_IDLE
                      ? dfota_mini_upgrade_begin(&upgrade, NULL)
                      : dfota_mini_upgrade_run(&upgrade, NULL);
        if (err && err != DFOTA_ERR_IO) {
            problem = "a good package was refused";
            break;
        }
    }
    free(platform.memory);
    return problem;
}

/* --- making --------------------------------------------------------------- */

static void make_package(struct mini_scene *mini,
                         const struct dfota_flash *flash)
{
    struct dfota_mini_header *header = &mini->header;
    const struct dfota_mini_region *region = &header->regions[0];
    const struct dfota_view old = {mini->old + region->address, region->length};
    const struct dfota_view new = {mini->new + region->address, region->length};
    struct dfota_digests digests[2] = {0};
    const struct dfota_images images = {.old = {old, &digests[0]},
                                        .new = {new, &digests[1]}};
    const struct dfota_progress silent = {0};
    const struct dfota_delta_options delta_options = {
        .mixed = true,
        .encoders = dfota_encoders(DFOTA_CODEC_MIXED),
        .ram = 64 * 1024,
        .threads = 1,
        .progress = &silent};
    /* Frames that end neither where sectors nor where units do; decoding them
     * would take most of the time. */
    const enum dfota_codec_choice frames =
        flash->program_unit == 1 ? DFOTA_CODEC_MIXED : DFOTA_CODEC_STORED;
    const struct dfota_mini_frame_options frame_options = {
        .encoders = dfota_frame_encoders(frames),
        .ram = 256 * 1024,
        .frame_size = flash->sector_size == 4096 ? 1536 : 0,
        .threads = 1};
    struct dfota_view apps[DFOTA_MINI_REGIONS_MAX];
    struct dfota_buffer delta = {0};

    for (unsigned i = 1; i < header->region_count; i++)
        apps[i - 1] = (struct dfota_view){
            mini->new + header->regions[i].address, header->regions[i].length};
    if (dfota_digest(old.data, old.size, &digests[0], NULL) ||
        dfota_digest(new.data, new.size, &digests[1], NULL) ||
        dfota_delta_make(&images, &delta_options, &delta, NULL) ||
        dfota_mini_set_delta(header, dfota_buffer_view(&delta), NULL) ||
        dfota_mini_write_second(header, apps, &frame_options, &mini->second,
                                NULL) ||
        dfota_mini_set_second(header, dfota_buffer_view(&mini->second), NULL) ||
        dfota_mini_write_first(header, dfota_buffer_view(&delta), &mini->first,
                               NULL))
        abort();
    dfota_buffer_free(&delta);
}

static void add_region(struct mini_scene *mini, uint32_t address,
                       uint32_t length)
{
    mini->header.regions[mini->header.region_count++] =
        (struct dfota_mini_region){
            .address = address,
            .length = length,
            .old_crc32 = dfota_crc32(0, mini->old + address, length),
            .new_crc32 = dfota_crc32(0, mini->new + address, length),
        };
}

void mini_scene_make(struct scene *scene, struct mini_scene *mini,
                     const struct dfota_flash *flash,
                     const struct mini_scene_sizes *sizes)
{
    uint32_t sector = flash->sector_size;
    uint32_t journal = dfota_journal_size(flash, HEADER_BLOB);
    uint32_t at = sector + journal; /* of the Mini region */
    uint32_t app = at + 2 * sector;

    scene->flash = *flash;
    scene->flash.size = journal + 9 * sector;
    scene->journal = (struct dfota_area){sector, journal};
    mini->old = must(malloc(scene->flash.size));
    mini->new = must(malloc(scene->flash.size));
    memset(mini->old, flash->erased, scene->flash.size);
    made_fill(mini->old, sector, 1);
    made_fill(mini->old + at, sizes->old_mini, 2);
    made_fill(mini->old + app, sizes->old_app, 3);
    made_fill(mini->old + app + 5 * sector, sector, 4);
    memcpy(mini->new, mini->old, scene->flash.size);
    memset(mini->new + at, flash->erased, 7 * sector);
    made_edit(mini->old + at, sizes->old_mini, mini->new + at, sizes->new_mini);
    made_edit(mini->old + app, sizes->old_app, mini->new + app, sizes->new_app);
    add_region(mini, at, 2 * sector);
    add_region(mini, app, 2 * sector);
    add_region(mini, app + 2 * sector, 3 * sector);
    mini->header.flash_size = scene->flash.size;
    snprintf(mini->header.from.version, 20, "XX21EULAR01A01M04");
    snprintf(mini->header.to.version, 20, "XX21EULAR01A02M04");
    mini->header.from.project_size = mini->header.to.project_size = 8;
    mini->header.from.baseline_size = mini->header.to.baseline_size = 3;
    mini->storage = (struct dfota_area){app, 2 * sector};
    mini->backup = (struct dfota_area){app + 3 * sector, 2 * sector};
    make_package(mini, flash);
    scene->image = (struct dfota_area){at, 7 * sector};
    scene->old = mini->old;
    scene->run = run;
    scene->data = mini;
}

bool mini_scene_load(struct scene *scene, struct mini_scene *mini,
                     const struct dfota_flash *flash, uint32_t journal)
{
    uint32_t sector = flash->sector_size;
    uint32_t package;

    if (dfota_mini_read_header(mini->first.data, mini->first.size,
                               &mini->header, NULL) ||
        mini->header.region_count < 2)
        return false;
    package = (mini->header.delta_size + sector - 1) / sector * sector;
    scene->flash = *flash;
    scene->flash.size = mini->header.flash_size;
    scene->journal =
        (struct dfota_area){journal, dfota_journal_size(flash, HEADER_BLOB)};
    scene->image = (struct dfota_area){0, scene->flash.size};
    if (journal < scene->image.size / 2) /* leave it out */
        scene->image = (struct dfota_area){journal + scene->journal.size,
                                           scene->flash.size - journal -
                                               scene->journal.size};
    mini->storage =
        (struct dfota_area){mini->header.regions[1].address, package};
    mini->backup = (struct dfota_area){mini->storage.address + package,
                                       mini->header.regions[0].length};
    scene->old = mini->old;
    scene->run = run;
    scene->data = mini;
    return true;
}

void mini_scene_free(struct mini_scene *mini)
{
    free(mini->old);
    free(mini->new);
    dfota_buffer_free(&mini->first);
    dfota_buffer_free(&mini->second);
    *mini = (struct mini_scene){0};
}
