/* SPDX-License-Identifier: MIT */
#include "jobs/flash.h"

#include <string.h>

#include "format/bsdiff40.h"
#include "jobs/trial.h"
#include "lib/base/fault.h"

/* The name of the partition of a package made without layout. */
#define WHOLE_IMAGE "image"

static enum dfota_error append(void *context, const void *bytes, size_t size,
                               struct dfota_fault *fault)
{
    struct dfota_buffer *new = context;

    dfota_buffer_add(new, bytes, size);
    return dfota_buffer_check(new, fault);
}

static enum dfota_error update_whole(struct dfota_view delta,
                                     struct dfota_view old,
                                     struct dfota_buffer *new,
                                     struct dfota_fault *fault)
{
    const struct dfota_sink sink = {append, new};
    struct dfota_digests made;

    return dfota_trial_apply(delta, old, &sink, &made, fault);
}

/* What lies at the partition's address, whatever its name. */
static bool cut_part(const struct dfota_manifest_partition *partition,
                     struct dfota_view image, struct dfota_view *part)
{
    uint64_t size = partition->old_image.size;

    if (partition->address > image.size ||
        size > image.size - partition->address)
        return false;
    *part = (struct dfota_view){image.data + partition->address, (size_t)size};
    return true;
}

bool dfota_flash_part(const struct dfota_manifest_partition *partition,
                      struct dfota_view image, struct dfota_view *part)
{
    if (strcmp(partition->name, WHOLE_IMAGE) != 0)
        return cut_part(partition, image, part);
    *part = image;
    return true;
}

/* Replaces one partition in `new`, which begins as a copy of `old`. */
static enum dfota_error update_part(const struct dfota_zip *zip, size_t index,
                                    struct dfota_view old,
                                    struct dfota_buffer *new,
                                    struct dfota_fault *fault)
{
    const struct dfota_manifest_partition *partition =
        &zip->manifest.partitions[index];
    struct dfota_view part;

    if (!cut_part(partition, old, &part))
        return dfota_fail_detail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET,
                                 "APPLY-3", "%s", partition->name);
    return dfota_trial_apply_into(zip->deltas[index].bytes, part,
                                  new->data + partition->address, part.size,
                                  fault);
}

static bool is_whole_image(const struct dfota_zip *zip)
{
    return zip->manifest.partition_count == 1 &&
           strcmp(zip->manifest.partitions[0].name, WHOLE_IMAGE) == 0;
}

static enum dfota_error update_zip(const struct dfota_zip *zip,
                                   struct dfota_view old,
                                   struct dfota_buffer *new,
                                   struct dfota_fault *fault)
{
    size_t count = zip->manifest.partition_count;
    enum dfota_error err = DFOTA_OK;

    if (is_whole_image(zip)) {
        err = update_whole(zip->deltas[0].bytes, old, new, fault);
        if (err)
            dfota_package_shift(fault, zip->deltas[0].offset);
        return err;
    }
    dfota_buffer_add(new, old.data, old.size);
    err = dfota_buffer_check(new, fault);
    for (size_t i = 0; !err && i < count; i++) {
        err = update_part(zip, i, old, new, fault);
        if (err)
            dfota_package_shift(fault, zip->deltas[i].offset);
    }
    return err;
}

static enum dfota_error update(struct dfota_package *package,
                               struct dfota_view old, struct dfota_buffer *new,
                               struct dfota_fault *fault)
{
    struct dfota_view file = dfota_buffer_view(&package->file);
    enum dfota_error err = dfota_package_read(package, fault);

    if (err)
        return err;
    switch (package->kind) {
    case DFOTA_PACKAGE_ZIP:
        return update_zip(package->zip, old, new, fault);
    case DFOTA_PACKAGE_DELTA:
        return update_whole(file, old, new, fault);
    case DFOTA_PACKAGE_BSDIFF:
        return dfota_bsdiff40_apply(file, old, DFOTA_IMAGE_MAX, new, fault);
    case DFOTA_PACKAGE_MINI:
        return dfota_flash_update_mini(package, old, new, fault);
    case DFOTA_PACKAGE_FOREIGN:
        break;
    }
    return dfota_fail_detail(fault, DFOTA_ERR_FORMAT, 0, "APPLY-2", "%s",
                             package->description);
}

enum dfota_error dfota_flash_update(struct dfota_package *package,
                                    struct dfota_view old,
                                    struct dfota_buffer *new,
                                    struct dfota_fault *fault)
{
    struct dfota_buffer made = {0};
    enum dfota_error err = update(package, old, &made, fault);

    if (err) {
        dfota_buffer_free(&made);
        dfota_fault_in(fault, package->path);
        return err;
    }
    *new = made;
    return DFOTA_OK;
}
