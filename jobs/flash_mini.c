/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "jobs/codecs.h"
#include "jobs/flash.h"
#include "jobs/trial.h"
#include "lib/base/fault.h"
#include "lib/base/large.h"

static enum dfota_error read_flash(void *context, uint32_t address, void *out,
                                   size_t size)
{
    const struct dfota_view *flash = context;

    memcpy(out, flash->data + address, size);
    return DFOTA_OK;
}

enum dfota_error dfota_flash_check_mini(const struct dfota_mini_header *header,
                                        enum dfota_mini_state state,
                                        struct dfota_view flash,
                                        struct dfota_fault *fault)
{
    const struct dfota_mini_flash reader = {&flash, read_flash};

    if (flash.size != header->flash_size)
        return dfota_fail_detail(fault, DFOTA_ERR_DIGEST, DFOTA_NO_OFFSET,
                                 "MIN-13", "%zu bytes, not %lu", flash.size,
                                 (unsigned long)header->flash_size);
    return dfota_mini_check_flash(header, state, &reader, fault);
}

static enum dfota_error begin_frame(void *context, uint32_t address,
                                    uint32_t size)
{
    (void)context;
    (void)address;
    (void)size;
    return DFOTA_OK;
}

static enum dfota_error write_frame(void *context, uint32_t address,
                                    const uint8_t *bytes, size_t size)
{
    memcpy(((struct dfota_buffer *)context)->data + address, bytes, size);
    return DFOTA_OK;
}

static enum dfota_error end_frame(void *context,
                                  const struct dfota_mini_position *next)
{
    (void)context;
    (void)next;
    return DFOTA_OK;
}

enum dfota_error
dfota_flash_write_second(const struct dfota_mini_header *header,
                         struct dfota_view second, struct dfota_buffer *flash,
                         struct dfota_fault *fault)
{
    struct dfota_mini_applier applier = {
        .header = header,
        .context = flash,
        .begin = begin_frame,
        .write = write_frame,
        .done = end_frame,
        .codecs = dfota_codecs,
        .memory_size = header->ram,
    };
    struct dfota_mini_reader reader;
    enum dfota_error err;

    if (header->ram > DFOTA_TRIAL_RAM_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, "MIN-33");
    applier.memory = dfota_large_aligned(header->ram);
    if (applier.memory == NULL)
        return dfota_fail_memory(fault);
    dfota_mini_open(&reader, &applier, NULL);
    err = dfota_mini_feed(&reader, 0, second.data, second.size, fault);
    if (!err)
        err = dfota_mini_finish(&reader, fault);
    free(applier.memory);
    return err;
}

/* Patches the Mini system, as the upgrade mode does. */
static enum dfota_error patch_mini(const struct dfota_mini_first *first,
                                   struct dfota_view old,
                                   struct dfota_buffer *new,
                                   struct dfota_fault *fault)
{
    const struct dfota_mini_region *mini = &first->header.regions[0];
    const struct dfota_view part = {old.data + mini->address, mini->length};
    enum dfota_error err;

    err = dfota_trial_apply_into(first->delta, part, new->data + mini->address,
                                 mini->length, fault);
    if (err)
        dfota_package_shift(fault, DFOTA_MINI_HEADER_SIZE);
    return err;
}

enum dfota_error dfota_flash_update_mini(const struct dfota_package *package,
                                         struct dfota_view old,
                                         struct dfota_buffer *new,
                                         struct dfota_fault *fault)
{
    const struct dfota_mini_first *first = &package->mini->first;
    const struct dfota_mini_header *header = &first->header;
    enum dfota_error err;

    err = dfota_flash_check_mini(header, DFOTA_MINI_OLD_ALL, old, fault);
    if (err)
        return err;
    dfota_buffer_add(new, old.data, old.size);
    err = dfota_buffer_check(new, fault);
    if (!err)
        err = patch_mini(first, old, new, fault);
    if (!err)
        err = dfota_flash_check_mini(header, DFOTA_MINI_NEW_MINI,
                                     dfota_buffer_view(new), fault);
    if (err)
        return err;
    err = dfota_flash_write_second(
        header, dfota_buffer_view(&package->second.file), new, fault);
    if (err)
        dfota_fault_in(fault, package->second.path);
    if (!err)
        err = dfota_flash_check_mini(header, DFOTA_MINI_NEW_ALL,
                                     dfota_buffer_view(new), fault);
    return err;
}
