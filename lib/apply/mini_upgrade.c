/* SPDX-License-Identifier: MIT */
/* MiniFOTA on flash: a function for each step. */
#include "lib/apply/mini_upgrade.h"
#include "lib/apply/bytes.h"
#include "lib/apply/crc32.h"
#include "lib/apply/journal.h"
#include "lib/apply/mini_header.h"
#include "lib/apply/platform.h"

#define CHUNK DFOTA_FLASH_PAGE /* bytes fetched at once */

/* Bytes of a header up to and with its last region; zeros follow. */
#define HEADER_USED_MAX                                                        \
    (DFOTA_MINI_REGIONS_AT + DFOTA_MINI_REGION_SIZE * DFOTA_MINI_REGIONS_MAX)

static struct dfota_area area_of(const struct dfota_mini_region *region)
{
    return (struct dfota_area){region->address, region->length};
}

static const struct dfota_flash *flash_of(const struct dfota_mini_upgrade *up)
{
    return up->platform->flash;
}

enum dfota_error dfota_mini_upgrade_check(const struct dfota_mini_upgrade *up,
                                          enum dfota_mini_state state,
                                          struct dfota_fault *fault)
{
    const struct dfota_mini_flash reader = {flash_of(up)->context,
                                            flash_of(up)->read};

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

/* The same, and the header, which is in memory, is the one from now on. */
static enum dfota_error enter_with_header(struct dfota_mini_upgrade *up,
                                          enum dfota_mini_step step,
                                          struct dfota_fault *fault)
{
    const struct dfota_journal_state state = state_of(step);
    const uint8_t *bytes = up->platform->memory;

    return dfota_journal_note_blob(&up->journal, &state, bytes, HEADER_USED_MAX,
                                   fault);
}

enum dfota_error dfota_mini_upgrade_load(struct dfota_mini_upgrade *up,
                                         struct dfota_fault *fault)
{
    uint8_t *bytes = up->platform->memory;
    uint32_t crc32;
    enum dfota_error err;

    for (unsigned i = 0; i < DFOTA_MINI_HEADER_SIZE; i++)
        bytes[i] = 0;
    if (up->journal.blob_size != HEADER_USED_MAX)
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
    const struct dfota_flow_limits limits = {DFOTA_FLOW_MINI, HEADER_USED_MAX,
                                             DFOTA_MINI_STEP_COUNT};
    enum dfota_error err = dfota_platform_open(upgrade->platform, &limits,
                                               &upgrade->journal, fault);

    if (!err)
        err = dfota_platform_check_areas(upgrade->platform, areas, 3, fault);
    return err;
}

/* --- the package on offer ------------------------------------------------- */

/* Whether a range lies inside one app region. */
static bool in_app(const struct dfota_mini_header *header,
                   struct dfota_area area)
{
    for (unsigned i = 1; i < header->region_count; i++)
        if (dfota_area_holds(area_of(&header->regions[i]), area.address,
                             area.size))
            return true;
    return false;
}

/* Whether the package can be worked with at all, whatever the flash holds. */
static enum dfota_error check_fit(const struct dfota_mini_upgrade *up,
                                  struct dfota_fault *fault)
{
    const struct dfota_mini_header *header = &up->header;
    const struct dfota_flash *flash = flash_of(up);

    if (header->flash_size != flash->size)
        return dfota_fail(fault, DFOTA_ERR_DIGEST, 8, "MIN-13");
    for (unsigned i = 0; i < header->region_count; i++) {
        struct dfota_area region = area_of(&header->regions[i]);

        if (dfota_flash_check_area(flash, region, NULL) ||
            dfota_area_overlaps(region, up->platform->journal))
            return dfota_fail(fault, DFOTA_ERR_REFUSED,
                              DFOTA_MINI_REGIONS_AT +
                                  (uint64_t)DFOTA_MINI_REGION_SIZE * i,
                              "UPG-3");
    }
    if (!in_app(header, up->storage) || !in_app(header, up->backup) ||
        header->delta_size > up->storage.size ||
        header->regions[0].length > up->backup.size)
        return dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "UPG-4");
    if (header->ram > up->platform->memory_size)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, "UPG-5");
    return DFOTA_OK;
}

/* Fetches the header on offer; its bytes are in memory then. */
static enum dfota_error fetch_header(struct dfota_mini_upgrade *up,
                                     struct dfota_fault *fault)
{
    uint8_t *bytes = up->platform->memory;
    enum dfota_error err =
        up->read_first(up->context, 0, bytes, DFOTA_MINI_HEADER_SIZE);

    if (!err)
        err = dfota_mini_read_header(bytes, DFOTA_MINI_HEADER_SIZE, &up->header,
                                     fault);
    if (!err)
        err = check_fit(up, fault);
    return err;
}

/* Whether the header, which has been fetched, is another one than noted. */
static bool is_other(const struct dfota_mini_upgrade *up)
{
    return dfota_crc32(0, up->platform->memory, HEADER_USED_MAX) !=
           up->journal.blob_crc32;
}

/* --- steps ---------------------------------------------------------------- */

static enum dfota_error run_nothing(struct dfota_mini_upgrade *up,
                                    struct dfota_fault *fault)
{
    (void)up;
    (void)fault;
    return DFOTA_OK;
}

/* All that can be checked before the first erase. */
static enum dfota_error check_offer(struct dfota_mini_upgrade *up,
                                    struct dfota_fault *fault)
{
    enum dfota_error err = fetch_header(up, fault);

    if (!err && up->is_mine != NULL &&
        !up->is_mine(up->context, &up->header.from))
        err = dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_MINI_FROM_AT, "UPG-2");
    if (!err)
        err = dfota_mini_upgrade_check(up, DFOTA_MINI_OLD_ALL, fault);
    return err;
}

/* Whether the package has been applied already; then it is no mistake. */
static bool is_new(struct dfota_mini_upgrade *up)
{
    return fetch_header(up, NULL) == DFOTA_OK &&
           dfota_mini_upgrade_check(up, DFOTA_MINI_NEW_ALL, NULL) == DFOTA_OK;
}

static enum dfota_error run_header(struct dfota_mini_upgrade *up,
                                   struct dfota_fault *fault)
{
    enum dfota_error err = check_offer(up, fault);

    if (!err)
        return enter_with_header(up, DFOTA_MINI_STEP_PACKAGE, fault);
    if (!dfota_platform_is_final(err))
        return err;
    if (is_new(up))
        return dfota_mini_upgrade_enter(up, DFOTA_MINI_STEP_DONE, fault);
    return dfota_mini_upgrade_enter(up, DFOTA_MINI_STEP_IDLE, NULL)
               ? DFOTA_ERR_IO
               : err;
}

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
static enum dfota_error apply(struct dfota_mini_upgrade *up, uint32_t old,
                              struct dfota_flash_writer *writer,
                              struct dfota_fault *fault)
{
    const struct dfota_mini_region *mini = &up->header.regions[0];
    struct dfota_applier applier = dfota_platform_applier(up->platform);
    struct patch patch = {flash_of(up), up->storage.address, old, writer};

    applier.context = &patch;
    applier.delta_size = up->header.delta_size;
    applier.old_size = mini->length;
    applier.new_size_max = mini->length;
    applier.read_delta = read_delta;
    applier.read_old = read_old;
    applier.write_new = write_new;
    return dfota_apply_delta(&applier, fault);
}

/* Fetches the delta into the storage, whose sectors are erased for it. */
static enum dfota_error store_delta(struct dfota_mini_upgrade *up)
{
    uint32_t size = up->header.delta_size;
    struct dfota_flash_writer writer;
    uint8_t chunk[CHUNK];
    enum dfota_error err = DFOTA_OK;

    dfota_flash_writer_open(&writer, flash_of(up), up->storage.address);
    for (uint32_t done = 0, part; !err && done < size; done += part) {
        part = size - done < CHUNK ? size - done : CHUNK;
        err = up->read_first(up->context, DFOTA_MINI_HEADER_SIZE + done, chunk,
                             part);
        if (!err)
            err = dfota_flash_writer_add(&writer, chunk, part);
    }
    return err ? err : dfota_flash_writer_end(&writer);
}

/* Whether the delta's own header is about the Mini region. */
static enum dfota_error check_delta(const struct dfota_mini_upgrade *up,
                                    struct dfota_fault *fault)
{
    const struct dfota_mini_region *mini = &up->header.regions[0];
    const struct dfota_flash *flash = flash_of(up);
    uint32_t size = up->header.delta_size;
    struct dfota_delta_header delta;
    uint8_t head[DFOTA_DELTA_HEAD_MAX];
    enum dfota_error err;

    size = size < sizeof(head) ? size : (uint32_t)sizeof(head);
    err = flash->read(flash->context, up->storage.address, head, size);
    if (!err)
        err = dfota_delta_read_header(head, size, up->header.delta_size, &delta,
                                      fault);
    if (err)
        return err;
    if (delta.old_size != mini->length || delta.new_size != mini->length ||
        delta.old_crc32 != mini->old_crc32 ||
        delta.new_crc32 != mini->new_crc32)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, DFOTA_MINI_HEADER_SIZE,
                          "MIN-17");
    return DFOTA_OK;
}

/*
 * Storage and backup are tried before the Mini system is touched: the delta is
 * applied, and the outcome dropped.
 */
static enum dfota_error run_package(struct dfota_mini_upgrade *up,
                                    struct dfota_fault *fault)
{
    const struct dfota_mini_region *mini = &up->header.regions[0];
    enum dfota_error err = fetch_header(up, fault);

    if (!err)
        err = dfota_mini_upgrade_check(up, DFOTA_MINI_OLD_MINI, fault);
    if (!err && is_other(up))
        err = enter_with_header(up, DFOTA_MINI_STEP_PACKAGE, fault);
    if (!err)
        err = store_delta(up);
    if (!err)
        err = check_delta(up, fault);
    if (!err)
        err = dfota_flash_copy(flash_of(up), mini->address, up->backup.address,
                               mini->length);
    if (!err)
        err = apply(up, up->backup.address, NULL, fault);
    if (!err)
        err = dfota_mini_upgrade_enter(up, DFOTA_MINI_STEP_PATCH, fault);
    return err;
}

static enum dfota_error run_patch(struct dfota_mini_upgrade *up,
                                  struct dfota_fault *fault)
{
    const struct dfota_mini_region *mini = &up->header.regions[0];
    struct dfota_flash_writer writer;
    enum dfota_error err = dfota_mini_upgrade_load(up, fault);

    if (err)
        return err;
    dfota_flash_writer_open(&writer, flash_of(up), mini->address);
    err = apply(up, up->backup.address, &writer, fault);
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

static enum dfota_error run_restore(struct dfota_mini_upgrade *up,
                                    struct dfota_fault *fault)
{
    const struct dfota_mini_region *mini = &up->header.regions[0];
    uint32_t crc32 = mini->old_crc32;
    enum dfota_error err = dfota_mini_upgrade_load(up, fault);

    if (!err)
        err = dfota_flash_crc32(
            flash_of(up), (struct dfota_area){up->backup.address, mini->length},
            &crc32);
    if (!err && crc32 != mini->old_crc32) /* nothing is better than this */
        err = dfota_fail(fault, DFOTA_ERR_DIGEST, DFOTA_NO_OFFSET, "MIN-13");
    if (!err)
        err = dfota_flash_copy(flash_of(up), up->backup.address, mini->address,
                               mini->length);
    if (!err)
        err = dfota_mini_upgrade_check(up, DFOTA_MINI_OLD_MINI, fault);
    if (!err)
        err = dfota_mini_upgrade_enter(up, DFOTA_MINI_STEP_PACKAGE, fault);
    return err;
}

/* --- running -------------------------------------------------------------- */

enum dfota_error dfota_mini_upgrade_run(struct dfota_mini_upgrade *upgrade,
                                        struct dfota_fault *fault)
{
    static enum dfota_error (*const steps[DFOTA_MINI_STEP_COUNT])(
        struct dfota_mini_upgrade *, struct dfota_fault *) = {
        [DFOTA_MINI_STEP_IDLE] = run_nothing,
        [DFOTA_MINI_STEP_HEADER] = run_header,
        [DFOTA_MINI_STEP_PACKAGE] = run_package,
        [DFOTA_MINI_STEP_PATCH] = run_patch,
        [DFOTA_MINI_STEP_RESTORE] = run_restore,
        [DFOTA_MINI_STEP_SECOND] = dfota_mini_upgrade_second,
        [DFOTA_MINI_STEP_DONE] = run_nothing,
    };
    enum dfota_error err = DFOTA_OK;

    if (upgrade->journal.lost)
        err = dfota_mini_upgrade_open(upgrade, fault);
    return err ? err : steps[upgrade->journal.state.step](upgrade, fault);
}

/* --- from outside --------------------------------------------------------- */

/* Another package while the big system is written. */
static enum dfota_error take_offer(struct dfota_mini_upgrade *up,
                                   struct dfota_fault *fault)
{
    enum dfota_error err = fetch_header(up, fault);

    if (err || !is_other(up))
        return err;
    if (dfota_mini_upgrade_check(up, DFOTA_MINI_NEW_MINI, NULL) == DFOTA_OK)
        return enter_with_header(up, DFOTA_MINI_STEP_SECOND, fault);
    err = dfota_mini_upgrade_check(up, DFOTA_MINI_OLD_MINI, fault);
    if (!err)
        err = enter_with_header(up, DFOTA_MINI_STEP_PACKAGE, fault);
    return err;
}

enum dfota_error dfota_mini_upgrade_begin(struct dfota_mini_upgrade *upgrade,
                                          struct dfota_fault *fault)
{
    switch (dfota_mini_upgrade_step(upgrade)) {
    case DFOTA_MINI_STEP_IDLE:
    case DFOTA_MINI_STEP_DONE:
        return dfota_mini_upgrade_enter(upgrade, DFOTA_MINI_STEP_HEADER, fault);
    case DFOTA_MINI_STEP_SECOND:
        return take_offer(upgrade, fault);
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
