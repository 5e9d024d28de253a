/* SPDX-License-Identifier: MIT */
/* MiniFOTA on flash where the Mini system is written: the new one, or the old
 * one again. */
#include "lib/apply/mini_header.h"
#include "lib/apply/mini_upgrade.h"
#include "lib/apply/platform.h"

/* The delta and the Mini region, for the applier. */
struct patch {
    const struct dfota_flash *flash;
    uint32_t delta;                    /* where it is */
    uint32_t old;                      /* likewise */
    struct dfota_flash_writer *writer; /* NULL: nothing is written */
};

static enum dfota_error read_delta(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct patch *patch = context;
    const struct dfota_flash *flash = patch->flash;

    return flash->read(flash->context, patch->delta + offset, out, size);
}

static enum dfota_error read_old(void *context, uint32_t offset, void *out,
                                 size_t size)
{
    const struct patch *patch = context;
    const struct dfota_flash *flash = patch->flash;

    return flash->read(flash->context, patch->old + offset, out, size);
}

static enum dfota_error write_new(void *context, const void *bytes, size_t size)
{
    const struct patch *patch = context;

    if (patch->writer == NULL)
        return DFOTA_OK;
    return dfota_flash_writer_add(patch->writer, bytes, size);
}

/* Applies the delta to the Mini system at `old`; `writer` may be NULL. */
enum dfota_error dfota_mini_upgrade_apply(struct dfota_mini_upgrade *up,
                                          uint32_t old,
                                          struct dfota_flash_writer *writer,
                                          struct dfota_fault *fault)
{
    const struct dfota_mini_region *mini = &up->header.regions[0];
    struct dfota_applier applier = dfota_platform_applier(up->platform);
    struct patch patch = {up->platform->flash, up->storage.address, old,
                          writer};

    applier.context = &patch;
    applier.delta_size = up->header.delta_size;
    applier.old_size = mini->length;
    applier.new_size_max = mini->length;
    applier.read_delta = read_delta;
    applier.read_old = read_old;
    applier.write_new = write_new;
    return dfota_apply_delta(&applier, fault);
}

enum dfota_error dfota_mini_upgrade_patch(struct dfota_mini_upgrade *up,
                                          struct dfota_fault *fault)
{
    const struct dfota_mini_region *mini = &up->header.regions[0];
    struct dfota_flash_writer writer;
    enum dfota_error err = dfota_mini_upgrade_load(up, fault);

    if (err)
        return err;
    dfota_flash_writer_open(&writer, up->platform->flash, mini->address);
    err = dfota_mini_upgrade_apply(up, up->backup.address, &writer, fault);
    if (!err)
        err = dfota_flash_writer_end(&writer);
    if (!err)
        err = dfota_mini_upgrade_check(up, DFOTA_MINI_NEW_MINI, fault);
    if (!err)
        return dfota_mini_upgrade_enter(up, DFOTA_MINI_STEP_SECOND, fault);
    if (dfota_platform_is_final(err) &&
        dfota_mini_upgrade_enter(up, DFOTA_MINI_STEP_RESTORE, NULL) != DFOTA_OK)
        err = DFOTA_ERR_IO;
    return err;
}

enum dfota_error dfota_mini_upgrade_restore(struct dfota_mini_upgrade *up,
                                            struct dfota_fault *fault)
{
    const struct dfota_mini_region *mini = &up->header.regions[0];
    uint32_t crc32 = mini->old_crc32;
    enum dfota_error err = dfota_mini_upgrade_load(up, fault);

    if (!err)
        err = dfota_flash_crc32(
            up->platform->flash,
            (struct dfota_area){up->backup.address, mini->length}, &crc32);
    if (!err && crc32 != mini->old_crc32) /* nothing is better than this */
        err = dfota_fail(fault, DFOTA_ERR_DIGEST, DFOTA_NO_OFFSET, "MIN-13");
    if (!err)
        err = dfota_flash_copy(up->platform->flash, up->backup.address,
                               mini->address, mini->length);
    if (!err)
        err = dfota_mini_upgrade_check(up, DFOTA_MINI_OLD_MINI, fault);
    if (!err)
        err = dfota_mini_upgrade_enter(up, DFOTA_MINI_STEP_PACKAGE, fault);
    return err;
}
