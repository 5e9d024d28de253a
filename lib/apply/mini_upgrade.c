/* SPDX-License-Identifier: MIT */
/* MiniFOTA on flash: its journal, and which step is done when. */
#include "lib/apply/mini_upgrade.h"

#include "lib/apply/crc32.h"
#include "lib/apply/journal.h"
#include "lib/apply/mini_header.h"
#include "lib/apply/platform.h"

enum dfota_error dfota_mini_upgrade_check(const struct dfota_mini_upgrade *up,
                                          enum dfota_mini_state state,
                                          struct dfota_fault *fault)
{
    const struct dfota_mini_flash reader = {up->platform->flash->context,
                                            up->platform->flash->read};

    return dfota_mini_check_flash(&up->header, state, &reader, fault);
}

/* --- the journal ---------------------------------------------------------- */

static struct dfota_journal_state state_of(enum dfota_mini_step step)
{
    return (struct dfota_journal_state){
        .flow = DFOTA_FLOW_MINI,
        .step = (uint8_t)step,
        .numbers = {[DFOTA_MINI_OFFSET_AT] = DFOTA_MINI_SECOND_HEAD},
    };
}

enum dfota_error dfota_mini_upgrade_enter(struct dfota_mini_upgrade *up,
                                          enum dfota_mini_step step,
                                          struct dfota_fault *fault)
{
    const struct dfota_journal_state state = state_of(step);

    return dfota_journal_note(&up->journal, &state, fault);
}

enum dfota_error dfota_mini_upgrade_enter_anew(struct dfota_mini_upgrade *up,
                                               enum dfota_mini_step step,
                                               struct dfota_fault *fault)
{
    const struct dfota_journal_state state = state_of(step);
    const uint8_t *bytes = up->platform->memory;

    return dfota_journal_note_blob(&up->journal, &state, bytes,
                                   DFOTA_MINI_HEADER_USED_MAX, fault);
}

enum dfota_error dfota_mini_upgrade_load(struct dfota_mini_upgrade *up,
                                         struct dfota_fault *fault)
{
    uint8_t *bytes = up->platform->memory;
    uint32_t crc32;
    enum dfota_error err;

    for (unsigned i = 0; i < DFOTA_MINI_HEADER_SIZE; i++)
        bytes[i] = 0;
    if (up->journal.blob_size != DFOTA_MINI_HEADER_USED_MAX)
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED,
                          up->platform->journal.address, "JRN-4");
    err = dfota_journal_blob(&up->journal, bytes);
    if (err)
        return err;
    crc32 = dfota_crc32(0, bytes, DFOTA_MINI_HEADER_CRC_AT);
    for (unsigned i = 0; i < 4; i++)
        bytes[DFOTA_MINI_HEADER_CRC_AT + i] = (uint8_t)(crc32 >> (8 * i));
    return dfota_mini_read_header(bytes, DFOTA_MINI_HEADER_SIZE, &up->header,
                                  fault);
}

enum dfota_mini_step
dfota_mini_upgrade_step(const struct dfota_mini_upgrade *upgrade)
{
    return (enum dfota_mini_step)upgrade->journal.state.step;
}

enum dfota_upgrade_mode
dfota_mini_upgrade_mode(const struct dfota_mini_upgrade *upgrade)
{
    switch (dfota_mini_upgrade_step(upgrade)) {
    case DFOTA_MINI_STEP_HEADER:
    case DFOTA_MINI_STEP_PACKAGE:
    case DFOTA_MINI_STEP_SECOND:
        return DFOTA_MODE_DOWNLOAD;
    case DFOTA_MINI_STEP_PATCH:
    case DFOTA_MINI_STEP_RESTORE:
        return DFOTA_MODE_UPGRADE;
    case DFOTA_MINI_STEP_IDLE:
    case DFOTA_MINI_STEP_DONE:
        break;
    }
    return DFOTA_MODE_NORMAL;
}

enum dfota_error dfota_mini_upgrade_open(struct dfota_mini_upgrade *upgrade,
                                         struct dfota_fault *fault)
{
    const struct dfota_area areas[] = {upgrade->platform->journal,
                                       upgrade->storage, upgrade->backup};
    const struct dfota_flow_limits limits = {
        DFOTA_FLOW_MINI, DFOTA_MINI_HEADER_USED_MAX, DFOTA_MINI_STEP_COUNT};
    enum dfota_error err = dfota_platform_open(upgrade->platform, &limits,
                                               &upgrade->journal, fault);

    if (!err)
        err = dfota_platform_check_areas(upgrade->platform, areas, 3, fault);
    return err;
}

/* --- steps ---------------------------------------------------------------- */

static enum dfota_error run_nothing(struct dfota_mini_upgrade *up,
                                    struct dfota_fault *fault)
{
    (void)up;
    (void)fault;
    return DFOTA_OK;
}

/* --- running -------------------------------------------------------------- */

enum dfota_error dfota_mini_upgrade_run(struct dfota_mini_upgrade *upgrade,
                                        struct dfota_fault *fault)
{
    static enum dfota_error (*const steps[DFOTA_MINI_STEP_COUNT])(
        struct dfota_mini_upgrade *, struct dfota_fault *) = {
        [DFOTA_MINI_STEP_IDLE] = run_nothing,
        [DFOTA_MINI_STEP_HEADER] = dfota_mini_upgrade_header,
        [DFOTA_MINI_STEP_PACKAGE] = dfota_mini_upgrade_package,
        [DFOTA_MINI_STEP_PATCH] = dfota_mini_upgrade_patch,
        [DFOTA_MINI_STEP_RESTORE] = dfota_mini_upgrade_restore,
        [DFOTA_MINI_STEP_SECOND] = dfota_mini_upgrade_second,
        [DFOTA_MINI_STEP_DONE] = run_nothing,
    };
    enum dfota_error err = DFOTA_OK;

    if (upgrade->journal.lost)
        err = dfota_mini_upgrade_open(upgrade, fault);
    return err ? err : steps[upgrade->journal.state.step](upgrade, fault);
}

/* --- from outside --------------------------------------------------------- */

enum dfota_error dfota_mini_upgrade_begin(struct dfota_mini_upgrade *upgrade,
                                          struct dfota_fault *fault)
{
    switch (dfota_mini_upgrade_step(upgrade)) {
    case DFOTA_MINI_STEP_IDLE:
    case DFOTA_MINI_STEP_DONE:
        return dfota_mini_upgrade_enter(upgrade, DFOTA_MINI_STEP_HEADER, fault);
    case DFOTA_MINI_STEP_SECOND:
        return dfota_mini_upgrade_take(upgrade, fault);
    case DFOTA_MINI_STEP_HEADER:
    case DFOTA_MINI_STEP_PACKAGE:
    case DFOTA_MINI_STEP_PATCH:
    case DFOTA_MINI_STEP_RESTORE:
        break; /* fetches whatever there is, or is past that */
    }
    return DFOTA_OK;
}

enum dfota_error dfota_mini_upgrade_abandon(struct dfota_mini_upgrade *upgrade,
                                            struct dfota_fault *fault)
{
    switch (dfota_mini_upgrade_step(upgrade)) {
    case DFOTA_MINI_STEP_IDLE:
    case DFOTA_MINI_STEP_DONE:
        return DFOTA_OK;
    case DFOTA_MINI_STEP_HEADER:
        return dfota_mini_upgrade_enter(upgrade, DFOTA_MINI_STEP_IDLE, fault);
    default:
        return dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "UPG-1");
    }
}
