/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dfota/job_explain.h"
#include "format/bsdiff40.h"
#include "jobs/codecs.h"
#include "jobs/flash.h"
#include "jobs/in_place.h"
#include "jobs/left_packed.h"
#include "jobs/prediction.h"
#include "jobs/trial.h"
#include "jobs/unpacked.h"
#include "jobs/work.h"
#include "lib/apply/delta_header.h"
#include "lib/base/fault.h"
#include "lib/module/version.h"

static const char *const stream_names[DFOTA_STREAM_COUNT] = {
    [DFOTA_STREAM_CONTROL] = "control",
    [DFOTA_STREAM_DIFFERENCE] = "difference",
    [DFOTA_STREAM_LITERAL] = "literal"};

void dfota_explained_free(struct dfota_explained *explained)
{
    for (size_t i = 0; i < explained->delta_count; i++) {
        free(explained->deltas[i].unpacking.regions);
        free(explained->deltas[i].compressed);
    }
    free(explained->deltas);
    *explained = (struct dfota_explained){0};
}

static enum dfota_error make_room(struct dfota_explained *out, size_t count,
                                  struct dfota_fault *fault)
{
    out->deltas = calloc(count, sizeof(*out->deltas));
    if (out->deltas == NULL)
        return dfota_fail_memory(fault);
    out->delta_count = count;
    return DFOTA_OK;
}

/* What a delta's own header says. */
static enum dfota_error explain_delta(struct dfota_view delta,
                                      struct dfota_explained_delta *out,
                                      struct dfota_fault *fault)
{
    struct dfota_delta_header header;
    enum dfota_error err = dfota_trial_header(delta, &header, fault);

    if (err)
        return err;
    out->size = delta.size;
    out->old_size = header.old_size;
    out->new_size = header.new_size;
    out->ram = header.ram;
    out->slots = header.mixed.slots;
    dfota_in_place_say(&header, 0, &out->use);
    dfota_prediction_explain(&header.prediction, &out->prediction);
    if (dfota_delta_unpacks(&header))
        err = dfota_unpacked_explain(delta, &header, &out->unpacking, fault);
    if (err)
        return err;
    if (header.coding == DFOTA_CODING_ID_MIXED) {
        out->streams[0] = (struct dfota_explained_stream){
            "records", "mixed", 0, header.mixed.record_size};
        out->streams[1] = (struct dfota_explained_stream){
            "content", "mixed", 0, header.mixed.content_size};
        return DFOTA_OK;
    }
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        out->streams[i] = (struct dfota_explained_stream){
            stream_names[i], dfota_codec_name(header.streams[i].codec),
            header.streams[i].raw_size, header.streams[i].coded_size};
    return DFOTA_OK;
}

static enum dfota_error explain_zip(struct dfota_package *package,
                                    struct dfota_explained *out,
                                    struct dfota_fault *fault)
{
    enum dfota_error err = dfota_package_read(package, fault);
    const struct dfota_manifest *manifest;

    if (err)
        return err;
    manifest = &package->zip->manifest;
    out->family = dfota_family_name(manifest->family);
    snprintf(out->from, sizeof(out->from), "%s", manifest->from.version);
    snprintf(out->to, sizeof(out->to), "%s", manifest->to.version);
    err = make_room(out, manifest->partition_count, fault);
    for (size_t i = 0; !err && i < manifest->partition_count; i++) {
        const struct dfota_manifest_partition *stated =
            &manifest->partitions[i];
        struct dfota_explained_delta *delta = &out->deltas[i];

        snprintf(delta->partition, sizeof(delta->partition), "%s",
                 stated->name);
        delta->offset = package->zip->deltas[i].offset;
        delta->old_image = stated->old_image;
        delta->new_image = stated->new_image;
        delta->old_size = stated->old_image.size;
        delta->new_size = stated->new_image.size;
        if (!stated->unchanged)
            err = explain_delta(package->zip->deltas[i].bytes, delta, fault);
    }
    return err;
}

static enum dfota_error explain_bare_delta(const struct dfota_package *package,
                                           struct dfota_explained *out,
                                           struct dfota_fault *fault)
{
    enum dfota_error err = make_room(out, 1, fault);

    if (!err)
        err = explain_delta(dfota_buffer_view(&package->file), out->deltas,
                            fault);
    return err;
}

/* The header of a .mini_1 and its delta; the frames, where .mini_2 is there. */
static enum dfota_error explain_mini(struct dfota_package *package,
                                     struct dfota_explained *out,
                                     struct dfota_fault *fault)
{
    struct dfota_mini_first first;
    const struct dfota_mini_header *header = &first.header;
    struct dfota_version version;
    enum dfota_error err = DFOTA_OK;

    if (package->second.present)
        err = dfota_package_read(package, fault);
    if (!err)
        err = dfota_mini_read_first(dfota_buffer_view(&package->file), &first,
                                    fault);
    if (!err)
        err = make_room(out, 1, fault);
    if (err)
        return err;
    snprintf(out->from, sizeof(out->from), "%s", header->from.version);
    snprintf(out->to, sizeof(out->to), "%s", header->to.version);
    if (!dfota_version_parse(header->from.version, strlen(header->from.version),
                             &version, NULL) &&
        version.model != NULL)
        out->family = dfota_family_name(version.model->family);
    if (package->mini != NULL) {
        out->frame_count = package->mini->frames.frame_count;
        out->frames_raw = package->mini->frames.raw_size;
        out->frames_coded = package->mini->frames.coded_size;
    }
    snprintf(out->deltas->partition, sizeof(out->deltas->partition), "mini");
    out->deltas->offset = DFOTA_MINI_HEADER_SIZE;
    return explain_delta(first.delta, out->deltas, fault);
}

static enum dfota_error explain_bsdiff(const struct dfota_package *package,
                                       struct dfota_explained *out,
                                       struct dfota_fault *fault)
{
    struct dfota_view file = dfota_buffer_view(&package->file);
    struct dfota_bsdiff40_header header;
    struct dfota_explained_delta *delta;
    enum dfota_error err;

    err = dfota_bsdiff40_read_header(file, UINT64_MAX, &header, fault);
    if (!err)
        err = make_room(out, 1, fault);
    if (err)
        return err;
    delta = out->deltas;
    delta->size = file.size;
    delta->new_size = header.new_size;
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        delta->streams[i] =
            (struct dfota_explained_stream){stream_names[i], "bzip2", 0, 0};
    delta->streams[DFOTA_STREAM_CONTROL].coded = header.control_size;
    delta->streams[DFOTA_STREAM_DIFFERENCE].coded = header.diff_size;
    delta->streams[DFOTA_STREAM_LITERAL].coded =
        file.size - DFOTA_BSDIFF40_HEADER_SIZE - header.control_size -
        header.diff_size;
    return DFOTA_OK;
}

static enum dfota_error explain_package(struct dfota_package *package,
                                        struct dfota_explained *out,
                                        struct dfota_fault *fault)
{
    switch (package->kind) {
    case DFOTA_PACKAGE_ZIP:
        return explain_zip(package, out, fault);
    case DFOTA_PACKAGE_MINI:
        return explain_mini(package, out, fault);
    case DFOTA_PACKAGE_DELTA:
        return explain_bare_delta(package, out, fault);
    case DFOTA_PACKAGE_BSDIFF:
        return explain_bsdiff(package, out, fault);
    case DFOTA_PACKAGE_FOREIGN:
        break;
    }
    if (strcmp(package->name, "unknown") == 0)
        return dfota_fail(fault, DFOTA_ERR_FORMAT, 0, "INFO-1");
    return DFOTA_OK;
}

/* The old image of the package's only delta, in memory. */
static enum dfota_error load_old(const struct dfota_package *package,
                                 const char *path, struct dfota_buffer *out,
                                 struct dfota_fault *fault)
{
    struct dfota_input input = {0};
    struct dfota_source old;
    enum dfota_error err =
        dfota_input_open(path, DFOTA_IMAGE_MAX, &input, fault);

    if (err)
        return err;
    old = dfota_source_of_input(&input);
    if (package->zip != NULL &&
        !dfota_flash_part(&package->zip->manifest.partitions[0], &old, &old))
        err = dfota_fail_detail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET,
                                "APPLY-3", "%s",
                                package->zip->manifest.partitions[0].name);
    if (!err)
        err = dfota_source_load(&old, out, fault);
    dfota_input_close(&input);
    return err;
}

/* Counts what the package's only delta does to the given image. */
static enum dfota_error count_work(const struct dfota_package *package,
                                   const char *old_path,
                                   struct dfota_explained *out,
                                   struct dfota_fault *fault)
{
    struct dfota_view delta = dfota_buffer_view(&package->file);
    struct dfota_buffer old = {0};
    enum dfota_error err;

    if (package->zip != NULL)
        delta = package->zip->deltas[0].bytes;
    if (out->delta_count != 1 || delta.size == 0 ||
        (package->kind != DFOTA_PACKAGE_ZIP &&
         package->kind != DFOTA_PACKAGE_DELTA))
        return dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "INFO-2");
    err = load_old(package, old_path, &old, fault);
    if (!err)
        err = dfota_work_count(delta, dfota_buffer_view(&old),
                               &out->deltas[0].work, &out->deltas[0].unpacking,
                               fault);
    if (!err)
        err = dfota_left_packed_explain(delta, dfota_buffer_view(&old),
                                        out->deltas, fault);
    out->deltas[0].counted = !err;
    dfota_buffer_free(&old);
    return err;
}

enum dfota_error dfota_job_explain(const struct dfota_explain_request *request,
                                   struct dfota_explained *out,
                                   struct dfota_fault *fault)
{
    struct dfota_package package = {0};
    struct dfota_explained explained = {0};
    enum dfota_error err;

    err = dfota_package_open(request->file, &package, fault);
    if (err)
        return err;
    explained.kind = package.name;
    explained.description = package.description;
    explained.size = package.file.size;
    err = explain_package(&package, &explained, fault);
    if (!err && request->old_image != NULL)
        err = count_work(&package, request->old_image, &explained, fault);
    if (err) {
        dfota_fault_in(fault, request->file);
        dfota_package_keep_name(&package, fault);
        dfota_explained_free(&explained);
    } else {
        *out = explained;
    }
    dfota_package_close(&package);
    return err;
}
