/* SPDX-License-Identifier: MIT */
#include "lib/apply/platform.h"

#include "lib/apply/journal.h"

enum dfota_error
dfota_platform_check_areas(const struct dfota_platform *platform,
                           const struct dfota_area *areas, unsigned count,
                           struct dfota_fault *fault)
{
    for (unsigned i = 0; i < count; i++) {
        enum dfota_error err =
            dfota_flash_check_area(platform->flash, areas[i], fault);

        if (err)
            return err;
        for (unsigned k = 0; k < i; k++)
            if (dfota_area_overlaps(areas[i], areas[k]))
                return dfota_fail(fault, DFOTA_ERR_USAGE, areas[i].address,
                                  "FLASH-3");
    }
    return DFOTA_OK;
}

enum dfota_error dfota_platform_open(const struct dfota_platform *platform,
                                     const struct dfota_flow_limits *limits,
                                     struct dfota_journal *journal,
                                     struct dfota_fault *fault)
{
    const struct dfota_flash *flash = platform->flash;
    struct dfota_area area = platform->journal;
    enum dfota_error err = dfota_flash_check(flash, fault);

    if (!err)
        err = dfota_flash_check_area(flash, area, fault);
    if (!err && area.size < dfota_journal_size(flash, limits->blob_size))
        err = dfota_fail(fault, DFOTA_ERR_LIMIT, area.address, "JRN-2");
    if (!err && platform->memory_size < DFOTA_UPGRADE_MEMORY)
        err = dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, "UPG-5");
    if (!err)
        err = dfota_journal_open(journal, flash, area, fault);
    if (err)
        return err;
    if (journal->sequence != 0 && (journal->state.flow != limits->flow ||
                                   journal->state.step >= limits->step_count))
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, area.address, "JRN-4");
    if (journal->state.step == 0 ||
        journal->state.step == limits->step_count - 1)
        return DFOTA_OK;
    return dfota_journal_confirm(journal, fault);
}

struct dfota_applier
dfota_platform_applier(const struct dfota_platform *platform)
{
    return (struct dfota_applier){
        .codings = platform->codings,
        .isas = platform->isas,
        .codecs = platform->codecs,
        .crc32 = platform->crc32,
        .sha256 = platform->sha256,
        .memory = platform->memory,
        .memory_size = platform->memory_size,
    };
}

bool dfota_platform_is_final(enum dfota_error error)
{
    return error != DFOTA_OK && error != DFOTA_ERR_IO;
}
