/* SPDX-License-Identifier: MIT */
/* The first steps of MiniFOTA on flash: what can be known of a package, and
 * what is done with it before the Mini system is touched. */
#include "lib/apply/crc32.h"
#include "lib/apply/journal.h"
#include "lib/apply/mini_header.h"
#include "lib/apply/mini_upgrade.h"
#include "lib/apply/platform.h"

#define CHUNK DFOTA_FLASH_PAGE /* bytes fetched at once */

static struct dfota_area area_of(const struct dfota_mini_region *region)
{
    return (struct dfota_area){region->address, region->length};
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
    const struct dfota_flash *flash = up->platform->flash;

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
    return dfota_crc32(0, up->platform->memory, DFOTA_MINI_HEADER_USED_MAX) !=
           up->journal.blob_crc32;
}

/* --- steps ---------------------------------------------------------------- */

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

enum dfota_error dfota_mini_upgrade_header(struct dfota_mini_upgrade *up,
                                           struct dfota_fault *fault)
{
    enum dfota_error err = check_offer(up, fault);

    if (!err)
        return dfota_mini_upgrade_enter_anew(up, DFOTA_MINI_STEP_PACKAGE,
                                             fault);
    if (!dfota_platform_is_final(err))
        return err;
    if (is_new(up))
        return dfota_mini_upgrade_enter(up, DFOTA_MINI_STEP_DONE, fault);
    return dfota_mini_upgrade_enter(up, DFOTA_MINI_STEP_IDLE, NULL)
               ? DFOTA_ERR_IO
               : err;
}

/* Fetches the delta into the storage, whose sectors are erased for it. */
static enum dfota_error store_delta(struct dfota_mini_upgrade *up)
{
    uint32_t size = up->header.delta_size;
    struct dfota_flash_writer writer;
    uint8_t chunk[CHUNK];
    enum dfota_error err = DFOTA_OK;

    dfota_flash_writer_open(&writer, up->platform->flash, up->storage.address);
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
    const struct dfota_flash *flash = up->platform->flash;
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
enum dfota_error dfota_mini_upgrade_package(struct dfota_mini_upgrade *up,
                                            struct dfota_fault *fault)
{
    const struct dfota_mini_region *mini = &up->header.regions[0];
    enum dfota_error err = fetch_header(up, fault);

    if (!err)
        err = dfota_mini_upgrade_check(up, DFOTA_MINI_OLD_MINI, fault);
    if (!err && is_other(up))
        err = dfota_mini_upgrade_enter_anew(up, DFOTA_MINI_STEP_PACKAGE, fault);
    if (!err)
        err = store_delta(up);
    if (!err)
        err = check_delta(up, fault);
    if (!err)
        err = dfota_flash_copy(up->platform->flash, mini->address,
                               up->backup.address, mini->length);
    if (!err)
        err = dfota_mini_upgrade_apply(up, up->backup.address, NULL, fault);
    if (!err)
        err = dfota_mini_upgrade_enter(up, DFOTA_MINI_STEP_PATCH, fault);
    return err;
}

enum dfota_error dfota_mini_upgrade_take(struct dfota_mini_upgrade *up,
                                         struct dfota_fault *fault)
{
    enum dfota_error err = fetch_header(up, fault);

    if (err || !is_other(up))
        return err;
    if (dfota_mini_upgrade_check(up, DFOTA_MINI_NEW_MINI, NULL) == DFOTA_OK)
        return dfota_mini_upgrade_enter_anew(up, DFOTA_MINI_STEP_SECOND, fault);
    err = dfota_mini_upgrade_check(up, DFOTA_MINI_OLD_MINI, fault);
    if (!err)
        err = dfota_mini_upgrade_enter_anew(up, DFOTA_MINI_STEP_PACKAGE, fault);
    return err;
}
