/* SPDX-License-Identifier: MIT */
#include "jobs/flash.h"

#include <stdio.h>
#include <string.h>

#include "format/bsdiff40.h"
#include "lib/base/digest.h"
#include "lib/base/fault.h"

/* The name of the partition of a package made without layout. */
#define WHOLE_IMAGE "image"

/* What lies at the partition's address, whatever its name. */
static bool cut_part(const struct dfota_manifest_partition *partition,
                     const struct dfota_source *image,
                     struct dfota_source *part)
{
    uint64_t size = partition->old_image.size;

    if (partition->address > image->size ||
        size > image->size - partition->address)
        return false;
    *part = *image;
    part->at += partition->address;
    part->size = size;
    return true;
}

bool dfota_flash_part(const struct dfota_manifest_partition *partition,
                      const struct dfota_source *image,
                      struct dfota_source *part)
{
    if (strcmp(partition->name, WHOLE_IMAGE) != 0)
        return cut_part(partition, image, part);
    *part = *image;
    return true;
}

/* --- a DFOTA zip ---------------------------------------------------------- */

/* Copies a partition that stays as it is, if it is as it should be. */
static enum dfota_error keep_part(const struct dfota_manifest_partition *stated,
                                  struct dfota_flash_update *update,
                                  struct dfota_fault *fault)
{
    const struct dfota_source *old = &update->old;
    enum dfota_error err = dfota_source_digest(old, &update->made, fault);

    if (err)
        return err;
    if (!dfota_digests_same(&update->made, &stated->old_image))
        return dfota_fail_detail(fault, DFOTA_ERR_DIGEST, DFOTA_NO_OFFSET,
                                 "APPLY-4", "%s", stated->name);
    return dfota_source_copy(old, 0, old->size, &update->new, fault);
}

/* Applies a delta; what comes of it has all the digests that are stated. */
static enum dfota_error
apply_part(const struct dfota_zip_delta *delta,
           const struct dfota_manifest_partition *stated,
           struct dfota_flash_update *update, struct dfota_fault *fault)
{
    enum dfota_error err = dfota_trial_apply_from(
        delta->bytes, &update->old, &update->new, &update->made, fault);

    if (err || dfota_digests_same(&update->made, &stated->new_image))
        return err;
    return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, 0, "PKG-1",
                             "the new image of %s", stated->name);
}

/* Says which partition it was, unless something else has been said. */
static void name_part(const char *name, struct dfota_fault *fault)
{
    if (fault != NULL && fault->input == NULL && fault->detail[0] == '\0' &&
        strcmp(name, WHOLE_IMAGE) != 0)
        snprintf(fault->detail, sizeof(fault->detail), "%s", name);
}

enum dfota_error dfota_flash_update_part(const struct dfota_package *package,
                                         size_t index,
                                         struct dfota_flash_update *update,
                                         struct dfota_fault *fault)
{
    const struct dfota_zip_delta *delta = &package->zip->deltas[index];
    const struct dfota_manifest_partition *stated =
        &package->zip->manifest.partitions[index];
    enum dfota_error err;

    if (stated->unchanged)
        err = keep_part(stated, update, fault);
    else
        err = apply_part(delta, stated, update, fault);
    if (!err)
        return DFOTA_OK;
    dfota_package_shift(fault, delta->offset);
    name_part(stated->name, fault);
    dfota_fault_in(fault, package->path);
    return err;
}

/*
 * Finds the partition that comes first at or behind `at` in the flash; the
 * count of partitions where there is none.
 */
static size_t next_partition(const struct dfota_manifest *manifest, uint64_t at,
                             const bool *done)
{
    size_t next = manifest->partition_count;

    for (size_t i = 0; i < manifest->partition_count; i++)
        if (!done[i] && manifest->partitions[i].address >= at &&
            (next == manifest->partition_count ||
             manifest->partitions[i].address <
                 manifest->partitions[next].address))
            next = i;
    return next;
}

/* The whole flash: partitions in the order of their addresses, and what lies
 * between them as it was. */
static enum dfota_error update_flash(const struct dfota_package *package,
                                     const struct dfota_source *old,
                                     const struct dfota_sink *new,
                                     struct dfota_fault *fault)
{
    const struct dfota_manifest *manifest = &package->zip->manifest;
    bool done[DFOTA_MANIFEST_PARTITIONS_MAX] = {false};
    uint64_t at = 0;
    enum dfota_error err = DFOTA_OK;

    for (size_t n = 0; n < manifest->partition_count && !err; n++) {
        size_t i = next_partition(manifest, at, done);
        const struct dfota_manifest_partition *partition =
            &manifest->partitions[i];
        struct dfota_flash_update update = {.new = *new};

        if (i == manifest->partition_count)
            return dfota_fail_detail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET,
                                     "APPLY-3", "two partitions overlap");
        if (partition->new_image.size != partition->old_image.size ||
            !cut_part(partition, old, &update.old))
            return dfota_fail_detail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET,
                                     "APPLY-3", "%s", partition->name);
        done[i] = true;
        err = dfota_source_copy(old, at, partition->address, new, fault);
        if (!err)
            err = dfota_flash_update_part(package, i, &update, fault);
        at = partition->address + update.old.size;
    }
    return err ? err : dfota_source_copy(old, at, old->size, new, fault);
}

/* Whether all of the package is about one image, and not about a flash. */
static bool is_one_image(const struct dfota_package *package)
{
    const struct dfota_manifest *manifest;

    if (package->kind != DFOTA_PACKAGE_ZIP)
        return package->kind == DFOTA_PACKAGE_DELTA;
    manifest = &package->zip->manifest;
    return manifest->partition_count == 1 &&
           strcmp(manifest->partitions[0].name, WHOLE_IMAGE) == 0;
}

/* Where all is one image the applier has digested it. */
static enum dfota_error update_image(const struct dfota_package *package,
                                     const struct dfota_source *old,
                                     const struct dfota_sink *new,
                                     struct dfota_digests *made,
                                     struct dfota_fault *fault)
{
    struct dfota_flash_update whole = {.old = *old, .new = *new};
    enum dfota_error err;

    if (package->kind == DFOTA_PACKAGE_ZIP)
        err = dfota_flash_update_part(package, 0, &whole, fault);
    else
        err = dfota_trial_apply_from(dfota_buffer_view(&package->file), old,
                                     new, &whole.made, fault);
    if (!err && made != NULL)
        *made = whole.made;
    return err;
}

/* --- everything else ------------------------------------------------------ */

/* Applies what needs both images in memory. */
static enum dfota_error update_in_memory(const struct dfota_package *package,
                                         const struct dfota_source *source,
                                         const struct dfota_sink *sink,
                                         struct dfota_fault *fault)
{
    struct dfota_buffer old = {0};
    struct dfota_buffer new = {0};
    enum dfota_error err = dfota_source_load(source, &old, fault);

    if (!err && package->kind == DFOTA_PACKAGE_MINI)
        err = dfota_flash_update_mini(package, dfota_buffer_view(&old), &new,
                                      fault);
    else if (!err)
        err = dfota_bsdiff40_apply(dfota_buffer_view(&package->file),
                                   dfota_buffer_view(&old), DFOTA_IMAGE_MAX,
                                   &new, fault);
    if (!err)
        err = sink->write(sink->context, new.data, new.size, fault);
    dfota_buffer_free(&new);
    dfota_buffer_free(&old);
    return err;
}

static enum dfota_error update_whole(const struct dfota_package *package,
                                     const struct dfota_source *old,
                                     const struct dfota_sink *new,
                                     struct dfota_fault *fault)
{
    switch (package->kind) {
    case DFOTA_PACKAGE_ZIP:
        return update_flash(package, old, new, fault);
    case DFOTA_PACKAGE_BSDIFF:
    case DFOTA_PACKAGE_MINI:
        return update_in_memory(package, old, new, fault);
    case DFOTA_PACKAGE_DELTA:
    case DFOTA_PACKAGE_FOREIGN:
        break;
    }
    return dfota_fail_detail(fault, DFOTA_ERR_FORMAT, 0, "APPLY-2", "%s",
                             package->description);
}

/* A sink that digests what it hands on. */
struct digesting {
    const struct dfota_sink *sink;
    struct dfota_digester *digester;
};

static enum dfota_error digest_and_write(void *context, const void *bytes,
                                         size_t size, struct dfota_fault *fault)
{
    const struct digesting *digesting = context;
    const struct dfota_sink *sink = digesting->sink;

    dfota_digester_add(digesting->digester, bytes, size);
    return sink->write(sink->context, bytes, size, fault);
}

static enum dfota_error update_digesting(const struct dfota_package *package,
                                         const struct dfota_source *old,
                                         const struct dfota_sink *new,
                                         struct dfota_digests *made,
                                         struct dfota_fault *fault)
{
    struct digesting digesting = {new, dfota_digester_new()};
    const struct dfota_sink sink = {digest_and_write, &digesting};
    enum dfota_error err;

    if (digesting.digester == NULL)
        return dfota_fail_memory(fault);
    err = update_whole(package, old, &sink, fault);
    if (!err)
        dfota_digester_finish(digesting.digester, made);
    dfota_digester_free(digesting.digester);
    return err;
}

static enum dfota_error update(struct dfota_package *package,
                               const struct dfota_source *old,
                               const struct dfota_sink *new,
                               struct dfota_digests *made,
                               struct dfota_fault *fault)
{
    enum dfota_error err = dfota_package_read(package, fault);

    if (err)
        return err;
    if (is_one_image(package))
        return update_image(package, old, new, made, fault);
    if (made == NULL)
        return update_whole(package, old, new, fault);
    return update_digesting(package, old, new, made, fault);
}

enum dfota_error dfota_flash_update(struct dfota_package *package,
                                    const struct dfota_source *old,
                                    const struct dfota_sink *new,
                                    struct dfota_digests *made,
                                    struct dfota_fault *fault)
{
    enum dfota_error err = update(package, old, new, made, fault);

    if (err)
        dfota_fault_in(fault, package->path);
    return err;
}
