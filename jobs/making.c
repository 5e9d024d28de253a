/* SPDX-License-Identifier: MIT */
#include "jobs/making.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "jobs/codecs.h"
#include "jobs/in_place.h"
#include "jobs/trial.h"
#include "lib/base/digest.h"
#include "lib/base/fault.h"
#include "lib/base/parallel.h"
#include "lib/delta/find.h"

/* Bytes that modules have for patching, where nobody says. */
#define RAM_LTE       ((uint32_t)256 << 10)
#define RAM_RG        ((uint32_t)64 << 20)

#define THREAD_MEMORY ((uint64_t)64 << 20) /* bytes of a bound for each */

_Static_assert(DFOTA_LAYOUT_STREAMS_MAX <= DFOTA_PLACES_MAX &&
                   DFOTA_LAYOUT_ANY_CODEC == DFOTA_PLACE_ANY,
               "a layout's streams are places");

void dfota_making_report(const struct dfota_making *job, const char *step)
{
    const struct dfota_progress *progress = &job->request->progress;

    if (progress->report != NULL)
        progress->report(progress->context, step, 0, 1);
}

void dfota_making_warn(struct dfota_making *job, const char *format, ...)
{
    struct dfota_made *made = job->made;
    size_t most = sizeof(made->warnings) / sizeof(made->warnings[0]);
    va_list args;

    if (made->warning_count == most)
        return;
    va_start(args, format);
    vsnprintf(made->warnings[made->warning_count++], DFOTA_NOTE_SIZE, format,
              args);
    va_end(args);
}

uint32_t dfota_making_ram(const struct dfota_making *job)
{
    const struct dfota_identity *identity = &job->identity;
    const struct dfota_model *model =
        identity->known ? identity->from.model : NULL;
    uint64_t ram = job->request->ram;

    if (ram != 0)
        return ram < UINT32_MAX ? (uint32_t)ram : UINT32_MAX;
    if (model != NULL && model->family == DFOTA_FAMILY_RG50X_RM5XX)
        return RAM_RG;
    return RAM_LTE;
}

bool dfota_making_in_place(const struct dfota_making *job)
{
    const struct dfota_layout_flash *flash = &job->layout.flash;

    return job->made->type == DFOTA_TYPE_DFOTA && job->has_layout &&
           flash->scratch > 0 && flash->storage > 0;
}

struct dfota_made_delta *dfota_making_note(struct dfota_making *job,
                                           size_t index, const char *codec,
                                           uint64_t size, uint64_t ram)
{
    struct dfota_made_delta *made =
        &job->made->deltas[job->made->delta_count++];

    snprintf(made->partition, sizeof(made->partition), "%s",
             job->parts[index].name);
    snprintf(made->codec, sizeof(made->codec), "%s", codec);
    made->size = size;
    made->ram = ram;
    return made;
}

enum dfota_error dfota_making_make_room(struct dfota_making *job,
                                        struct dfota_fault *fault)
{
    struct dfota_made *made = job->made;

    made->images = calloc(job->part_count, sizeof(*made->images));
    made->deltas = calloc(job->part_count, sizeof(*made->deltas));
    if (made->images == NULL || made->deltas == NULL)
        return dfota_fail_memory(fault);
    made->image_count = job->part_count;
    return DFOTA_OK;
}

bool dfota_making_is_kept(const struct dfota_making *job, size_t index)
{
    const struct dfota_made_image *image = &job->made->images[index];

    return job->has_folders &&
           dfota_digests_same(&image->old_image, &image->new_image);
}

/* --- where compressed streams are said to be ------------------------------ */

/* The places of a part, by offsets in it; `at` has room for all. */
static struct dfota_places places_of(const struct dfota_making *job,
                                     const struct dfota_making_part *part,
                                     struct dfota_place *at)
{
    struct dfota_places places = {at, 0};

    for (size_t i = 0; i < job->layout.stream_count; i++) {
        const struct dfota_layout_stream *stream = &job->layout.streams[i];

        if (stream->offset < part->address ||
            stream->offset - part->address >= part->new.size)
            continue;
        at[places.count++] = (struct dfota_place){
            .offset = (uint32_t)(stream->offset - part->address),
            .size = (uint32_t)stream->size,
            .packing = stream->codec,
            .filter = stream->filter,
            .lc = stream->lc,
            .lp = stream->lp,
            .pb = stream->pb,
        };
    }
    return places;
}

/* Warns of places that hold no stream in either image. */
static void warn_of_places(struct dfota_making *job,
                           const struct dfota_making_part *part,
                           const struct dfota_places *places, uint64_t held)
{
    for (size_t i = 0; i < places->count; i++) {
        unsigned long long at = part->address + places->places[i].offset;

        if ((held >> i & 1) == 0)
            dfota_making_warn(job,
                              "neither image holds a compressed stream at "
                              "0x%llx, which the layout says",
                              at);
    }
}

/* --- making it ------------------------------------------------------------ */

/* Threads for a delta: no more than the bound, if there is one, has room for.
 */
static unsigned threads_of(const struct dfota_making *job,
                           const struct dfota_progress *beside)
{
    uint64_t most = job->request->memory / THREAD_MEMORY;
    unsigned threads = dfota_parallel_threads(job->request->threads);

    if (beside != NULL)
        return 1;
    if (job->request->memory != 0 && most < threads)
        threads = most > 1 ? (unsigned)most : 1;
    return threads;
}

static struct dfota_delta_options
options_of(const struct dfota_making *job, const struct dfota_progress *beside)
{
    const enum dfota_codec_choice codec = job->request->codec;
    struct dfota_delta_options options = {
        .mixed = codec == DFOTA_CODEC_AUTO || codec == DFOTA_CODEC_MIXED,
        .encoders = dfota_encoders(codec),
        .ram = dfota_making_ram(job),
        .threads = threads_of(job, beside),
        .progress = beside != NULL ? beside : &job->request->progress,
    };

    if (dfota_making_in_place(job)) {
        options.sector = (uint32_t)job->layout.flash.sector;
        options.scratch = (uint32_t)job->layout.flash.scratch;
    }
    return options;
}

static enum dfota_error wait_for_digests(void *context)
{
    return dfota_making_wait(context, NULL);
}

/* The delta between the images of part `index`, whose digests may still be in
 * the making. */
static enum dfota_error make_delta(struct dfota_making *job, size_t index,
                                   const struct dfota_progress *beside,
                                   struct dfota_making_delta *out,
                                   struct dfota_fault *fault)
{
    const struct dfota_made_image *image = &job->made->images[index];
    const struct dfota_images images = {{out->old, &image->old_image},
                                        {out->new, &image->new_image},
                                        wait_for_digests,
                                        job};
    struct dfota_place at[DFOTA_PLACES_MAX];
    const struct dfota_places places = places_of(job, &job->parts[index], at);
    struct dfota_delta_options options = options_of(job, beside);
    enum dfota_error err;

    options.places = &places;
    options.findings = &out->findings;
    options.bound = job->request->memory != 0 ? &out->bound : NULL;
    err = dfota_delta_make(&images, &options, &out->bytes, fault);
    if (!err)
        err = dfota_trial_header(dfota_buffer_view(&out->bytes), &out->header,
                                 fault);
    if (err)
        dfota_making_delta_free(out);
    return err;
}

void dfota_making_delta_free(struct dfota_making_delta *delta)
{
    dfota_buffer_free(&delta->bytes);
    dfota_buffer_free(&delta->findings.streams);
}

/* The delta of a part of folders, whose images are held meanwhile. */
static enum dfota_error make_held(struct dfota_making *job, size_t index,
                                  const struct dfota_progress *beside,
                                  struct dfota_making_delta *out,
                                  struct dfota_fault *fault)
{
    const struct dfota_making_part *part = &job->parts[index];
    struct dfota_held old = {.view = {0}};
    struct dfota_held new = {.view = {0}};
    enum dfota_error err = dfota_making_fit(
        job, part->old_file->size, part->new_file->size, &out->bound, fault);

    if (!err)
        err = dfota_held_load(part->old_file, out->bound.spills, &old, fault);
    if (!err)
        err = dfota_held_load(part->new_file, out->bound.spills, &new, fault);
    out->old = old.view;
    out->new = new.view;
    if (!err)
        err = make_delta(job, index, beside, out, fault);
    dfota_held_free(&new);
    dfota_held_free(&old);
    return err;
}

enum dfota_error dfota_making_delta(struct dfota_making *job, size_t index,
                                    const struct dfota_progress *beside,
                                    struct dfota_making_delta *out,
                                    struct dfota_fault *fault)
{
    const struct dfota_making_part *part = &job->parts[index];
    struct dfota_making_delta delta = {.old = part->old, .new = part->new};
    enum dfota_error err;

    if (job->has_folders) {
        err = make_held(job, index, beside, &delta, fault);
    } else {
        err = dfota_making_fit(job, job->old.view.size, job->new.view.size,
                               &delta.bound, fault);
        if (!err)
            err = make_delta(job, index, beside, &delta, fault);
    }
    if (!err)
        *out = delta;
    return err;
}

void dfota_making_note_delta(struct dfota_making *job, size_t index,
                             struct dfota_making_delta *delta)
{
    struct dfota_made_delta *made =
        dfota_making_note(job, index, dfota_delta_codec_name(&delta->header),
                          delta->bytes.size, delta->header.ram);
    struct dfota_place at[DFOTA_PLACES_MAX];
    const struct dfota_places places = places_of(job, &job->parts[index], at);
    uint32_t sector =
        dfota_making_in_place(job) ? (uint32_t)job->layout.flash.sector : 0;

    dfota_in_place_say(&delta->header, sector, &made->use);
    made->stream_count =
        delta->findings.streams.size / sizeof(struct dfota_made_stream);
    made->streams = (void *)delta->findings.streams.data;
    delta->findings.streams = (struct dfota_buffer){0}; /* now the result's */
    if (!delta->bound.is_packed)
        warn_of_places(job, &job->parts[index], &places, delta->findings.held);
    dfota_making_tell_bound(job, &delta->bound);
}
