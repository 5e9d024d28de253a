/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "format/mini.h"
#include "jobs/codecs.h"
#include "jobs/making.h"
#include "lib/base/fault.h"

#define FRAME_MIN 4096 /* bytes of the smallest frame that memory calls for */

static void put_identity(struct dfota_mini_identity *out,
                         const struct dfota_version *version)
{
    snprintf(out->version, sizeof(out->version), "%s", version->text);
    out->project_size = (uint8_t)strlen(version->project);
    out->baseline_size = (uint8_t)strlen(version->baseline);
}

static void put_region(struct dfota_mini_header *header,
                       const struct dfota_making *job, size_t index)
{
    const struct dfota_making_part *part = &job->parts[index];
    const struct dfota_made_image *image = &job->made->images[index];

    header->regions[header->region_count++] = (struct dfota_mini_region){
        .address = (uint32_t)part->address,
        .length = (uint32_t)part->old.size,
        .old_crc32 = image->old_image.crc32,
        .new_crc32 = image->new_image.crc32,
    };
}

/* The Mini region, then all others in the order of their addresses. */
static size_t put_regions(struct dfota_mini_header *header,
                          const struct dfota_making *job,
                          struct dfota_view apps[DFOTA_MINI_REGIONS_MAX])
{
    size_t mini = 0;
    size_t count = 0;

    while (job->parts[mini].role != DFOTA_LAYOUT_MINI)
        mini++;
    put_region(header, job, mini);
    for (size_t i = 0; i < job->part_count; i++) {
        if (i == mini)
            continue;
        put_region(header, job, i);
        apps[count++] = job->parts[i].new;
    }
    return mini;
}

static uint64_t whole_sectors(const struct dfota_making *job, uint64_t size)
{
    uint64_t sector = job->layout.flash.sector;

    return (size + sector - 1) / sector * sector;
}

/*
 * While the Mini system is patched, the erased big system holds .mini_1 and the
 * backup of the Mini system.
 */
static enum dfota_error check_room(const struct dfota_making *job,
                                   struct dfota_fault *fault)
{
    uint64_t package = whole_sectors(job, job->packages[0].size);
    uint64_t mini = dfota_layout_size(&job->layout, DFOTA_LAYOUT_MINI);
    uint64_t app = dfota_layout_size(&job->layout, DFOTA_LAYOUT_APP);

    if (package + mini <= app)
        return DFOTA_OK;
    return dfota_fail_detail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET,
                             "MAKE-9", "%llu and %llu bytes into %llu",
                             (unsigned long long)package,
                             (unsigned long long)mini, (unsigned long long)app);
}

/*
 * The largest frame for which the memory suffices with half as many slots.
 * Libraries make do with a smaller window, and take the largest one.
 */
static uint32_t frame_size_within(uint32_t ram, enum dfota_codec_choice codec)
{
    struct dfota_stream stream = {.codec = DFOTA_CODEC_ID_MIXED,
                                  .raw_size = DFOTA_MINI_FRAME_MAX};

    if (codec != DFOTA_CODEC_AUTO && codec != DFOTA_CODEC_MIXED)
        return DFOTA_MINI_FRAME_MAX;
    for (; stream.raw_size > FRAME_MIN; stream.raw_size /= 2) {
        stream.dictionary = stream.raw_size / 2;
        if (dfota_mini_frame_memory(&stream) <= ram)
            break;
    }
    return stream.raw_size;
}

static enum dfota_error write_pair(struct dfota_making *job,
                                   struct dfota_mini_header *header,
                                   const struct dfota_view *apps,
                                   struct dfota_view delta,
                                   struct dfota_fault *fault)
{
    const struct dfota_mini_frame_options options = {
        .encoders = dfota_frame_encoders(job->request->codec),
        .frame_size =
            frame_size_within(dfota_making_ram(job), job->request->codec),
        .ram = dfota_making_ram(job),
        .threads = job->request->threads,
    };
    struct dfota_buffer *second = &job->packages[1];
    enum dfota_error err = dfota_mini_set_delta(header, delta, fault);

    if (!err)
        err = dfota_mini_write_second(header, apps, &options, second, fault);
    if (!err)
        err = dfota_mini_set_second(header, dfota_buffer_view(second), fault);
    if (!err)
        err = dfota_mini_write_first(header, delta, &job->packages[0], fault);
    return err;
}

enum dfota_error dfota_make_mini(struct dfota_making *job,
                                 struct dfota_fault *fault)
{
    struct dfota_mini_header header = {.flash_size =
                                           (uint32_t)job->layout.flash.size};
    struct dfota_view apps[DFOTA_MINI_REGIONS_MAX];
    struct dfota_making_delta delta = {0};
    enum dfota_error err = dfota_layout_check_mini(&job->layout, fault);
    size_t mini;

    if (!err && job->part_count > DFOTA_MINI_REGIONS_MAX)
        err = dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, "MIN-6");
    if (err) {
        dfota_fault_in(fault, job->made->layout);
        return err;
    }
    err = dfota_making_wait(job, fault);
    if (err)
        return err;
    put_identity(&header.from, &job->identity.from);
    put_identity(&header.to, &job->identity.to);
    mini = put_regions(&header, job, apps);
    err = dfota_making_delta(job, mini, NULL, &delta, fault);
    if (!err)
        dfota_making_note_delta(job, mini, &delta);
    if (!err)
        err = write_pair(job, &header, apps, dfota_buffer_view(&delta.bytes),
                         fault);
    dfota_making_delta_free(&delta);
    return err ? err : check_room(job, fault);
}
