/* SPDX-License-Identifier: MIT */
#include "jobs/stored.h"

#include <string.h>

#include "jobs/flash.h"

enum dfota_error dfota_stored_open(const char *path, struct dfota_stored *out,
                                   struct dfota_fault *fault)
{
    struct dfota_stored stored = {.is_folder = dfota_folder_is(path)};
    enum dfota_error err;

    if (stored.is_folder)
        err = dfota_folder_open(path, false, &stored.folder, fault);
    else
        err = dfota_input_open(path, DFOTA_IMAGE_MAX, &stored.file, fault);
    if (!err)
        *out = stored;
    return err;
}

bool dfota_stored_part(struct dfota_stored *stored,
                       const struct dfota_manifest_partition *partition,
                       struct dfota_source *part)
{
    struct dfota_folder_part *file;
    struct dfota_source whole;

    if (!stored->is_folder) {
        whole = dfota_source_of_input(&stored->file);
        return dfota_flash_part(partition, &whole, part);
    }
    file = dfota_folder_find(&stored->folder, partition->name);
    if (file == NULL)
        return false;
    *part = dfota_source_of_input(&file->input);
    return true;
}

enum dfota_error dfota_stored_check(const struct dfota_stored *stored,
                                    struct dfota_fault *fault)
{
    const struct dfota_folder *folder = &stored->folder;
    enum dfota_error err = dfota_input_check(&stored->file, fault);

    for (size_t i = 0; i < folder->count && !err; i++)
        err = dfota_input_check(&folder->parts[i].input, fault);
    return err;
}

void dfota_stored_keep_name(const struct dfota_stored *stored,
                            struct dfota_fault *fault)
{
    dfota_folder_keep_name(&stored->folder, fault);
}

void dfota_stored_close(struct dfota_stored *stored)
{
    dfota_folder_close(&stored->folder);
    dfota_input_close(&stored->file);
    *stored = (struct dfota_stored){0};
}
