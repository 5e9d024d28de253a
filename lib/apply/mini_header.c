/* SPDX-License-Identifier: MIT */
#include "lib/apply/mini_header.h"

#include <stdbool.h>

#include "lib/apply/bytes.h"
#include "lib/apply/crc32.h"
#include "lib/apply/cursor.h"

#define READ_CHUNK 256 /* bytes of flash read at a time */

/* Where in a header, an identity or a region the fields stand. */
#define VERSION_AT       4
#define COUNT_AT         5
#define RESERVED_AT      6
#define FLASH_SIZE_AT    8
#define DELTA_SIZE_AT    12
#define SECOND_SIZE_AT   36
#define PROJECT_SIZE_AT  DFOTA_MINI_VERSION_MAX
#define BASELINE_SIZE_AT (DFOTA_MINI_VERSION_MAX + 1)
#define ADDRESS_AT       4 /* behind role and reserved bytes */
#define OLD_CRC32_AT     12
#define NEW_CRC32_AT     16

/*
 * All of the header is at hand, and its fields stand in fixed places, so it is
 * checked as it lies there, and then filled into the caller's struct: a second
 * one would be a large part of a module's stack.
 */

static uint32_t number_at(const uint8_t *header, size_t at)
{
    struct dfota_cursor cursor = dfota_cursor(header + at, 4);

    return (uint32_t)dfota_cursor_le(&cursor, 4);
}

static size_t region_at(unsigned index)
{
    return DFOTA_MINI_REGIONS_AT + (size_t)DFOTA_MINI_REGION_SIZE * index;
}

static struct dfota_mini_region read_region(const uint8_t *header,
                                            unsigned index)
{
    size_t at = region_at(index);

    return (struct dfota_mini_region){
        .address = number_at(header, at + ADDRESS_AT),
        .length = number_at(header, at + ADDRESS_AT + 4),
        .old_crc32 = number_at(header, at + OLD_CRC32_AT),
        .new_crc32 = number_at(header, at + NEW_CRC32_AT),
    };
}

/* Refuses any byte but zero in `bytes[at]` to `bytes[end - 1]`. */
static enum dfota_error check_zero(const uint8_t *bytes, size_t at, size_t end,
                                   struct dfota_fault *fault)
{
    for (; at < end; at++)
        if (bytes[at] != 0)
            return dfota_fail(fault, DFOTA_ERR_CORRUPT, at, "MIN-5");
    return DFOTA_OK;
}

/* Whether two regions, both inside the flash, share a byte. */
static bool overlap(struct dfota_mini_region a, struct dfota_mini_region b)
{
    return a.address < b.address ? b.address - a.address < a.length
                                 : a.address - b.address < b.length;
}

/* Checks one region by itself. */
static enum dfota_error check_region(const uint8_t *header, unsigned index,
                                     struct dfota_fault *fault)
{
    struct dfota_mini_region region = read_region(header, index);
    uint32_t flash_size = number_at(header, FLASH_SIZE_AT);
    size_t at = region_at(index);

    if (header[at] != (index == 0 ? DFOTA_MINI_ROLE_MINI : DFOTA_MINI_ROLE_APP))
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at, "MIN-7");
    if (region.length == 0 || region.length > flash_size ||
        region.address > flash_size - region.length)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at + ADDRESS_AT, "MIN-8");
    return check_zero(header, at + 1, at + ADDRESS_AT, fault);
}

/* Checks an app region against those before it. */
static enum dfota_error check_order(const uint8_t *header, unsigned index,
                                    struct dfota_fault *fault)
{
    struct dfota_mini_region mini = read_region(header, 0);
    struct dfota_mini_region before = read_region(header, index - 1);
    struct dfota_mini_region region = read_region(header, index);

    if (overlap(mini, region) || overlap(before, region) ||
        (index > 1 && region.address < before.address))
        return dfota_fail(fault, DFOTA_ERR_CORRUPT,
                          region_at(index) + ADDRESS_AT, "MIN-9");
    return DFOTA_OK;
}

static enum dfota_error check_regions(const uint8_t *header,
                                      struct dfota_fault *fault)
{
    unsigned count = header[COUNT_AT];
    enum dfota_error err;

    if (count == 0 || count > DFOTA_MINI_REGIONS_MAX)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, COUNT_AT, "MIN-6");
    err = check_region(header, 0, fault);
    for (unsigned i = 1; !err && i < count; i++) {
        err = check_region(header, i, fault);
        if (!err)
            err = check_order(header, i, fault);
    }
    if (err)
        return err;
    return check_zero(header, region_at(count), DFOTA_MINI_HEADER_CRC_AT,
                      fault);
}

static enum dfota_error check_identity(const uint8_t *header, size_t at,
                                       struct dfota_fault *fault)
{
    const uint8_t *version = header + at;
    uint8_t project = version[PROJECT_SIZE_AT];
    uint8_t baseline = version[BASELINE_SIZE_AT];
    size_t size = 0;

    while (size < DFOTA_MINI_VERSION_MAX && version[size] != 0) {
        if (version[size] < 0x20 || version[size] > 0x7e)
            return dfota_fail(fault, DFOTA_ERR_CORRUPT, at + size, "MIN-10");
        size++;
    }
    if (size == 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at, "MIN-10");
    for (size_t i = size; i < DFOTA_MINI_VERSION_MAX; i++)
        if (version[i] != 0)
            return dfota_fail(fault, DFOTA_ERR_CORRUPT, at + i, "MIN-10");
    if (project == 0 || baseline == 0 || (size_t)project + baseline > size)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at + PROJECT_SIZE_AT,
                          "MIN-11");
    return DFOTA_OK;
}

static enum dfota_error check_sizes(const uint8_t *header,
                                    struct dfota_fault *fault)
{
    if (number_at(header, DELTA_SIZE_AT) > UINT32_MAX - DFOTA_MINI_HEADER_SIZE)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, DELTA_SIZE_AT, "MIN-12");
    if (number_at(header, SECOND_SIZE_AT) < DFOTA_MINI_SECOND_HEAD)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, SECOND_SIZE_AT, "MIN-12");
    return DFOTA_OK;
}

static void fill_identity(const uint8_t *header, size_t at,
                          struct dfota_mini_identity *out)
{
    dfota_bytes_copy((uint8_t *)out->version, header + at,
                     DFOTA_MINI_VERSION_MAX);
    out->version[DFOTA_MINI_VERSION_MAX] = '\0';
    out->project_size = header[at + PROJECT_SIZE_AT];
    out->baseline_size = header[at + BASELINE_SIZE_AT];
}

/* Reads a header that has been checked. */
static void fill(const uint8_t *header, struct dfota_mini_header *out)
{
    out->flash_size = number_at(header, FLASH_SIZE_AT);
    out->delta_size = number_at(header, DELTA_SIZE_AT);
    dfota_bytes_copy(out->delta_md5, header + 16, DFOTA_MD5_SIZE);
    out->ram = number_at(header, 32);
    out->second_size = number_at(header, SECOND_SIZE_AT);
    dfota_bytes_copy(out->second_md5, header + 40, DFOTA_MD5_SIZE);
    dfota_bytes_copy(out->second_sha256, header + 56, DFOTA_SHA256_SIZE);
    fill_identity(header, DFOTA_MINI_FROM_AT, &out->from);
    fill_identity(header, DFOTA_MINI_TO_AT, &out->to);
    out->region_count = header[COUNT_AT];
    for (unsigned i = 0; i < DFOTA_MINI_REGIONS_MAX; i++)
        out->regions[i] = read_region(header, i); /* zeros behind the last */
}

enum dfota_error dfota_mini_read_header(const uint8_t *bytes, size_t size,
                                        struct dfota_mini_header *out,
                                        struct dfota_fault *fault)
{
    enum dfota_error err;

    if (size >= 4 &&
        !dfota_bytes_equal(bytes, (const uint8_t *)DFOTA_MINI_MAGIC, 4))
        return dfota_fail(fault, DFOTA_ERR_FORMAT, 0, "MIN-2");
    if (size < DFOTA_MINI_HEADER_SIZE)
        return dfota_fail(fault, DFOTA_ERR_TRUNCATED, size, "MIN-1");
    if (dfota_crc32(0, bytes, DFOTA_MINI_HEADER_CRC_AT) !=
        number_at(bytes, DFOTA_MINI_HEADER_CRC_AT))
        return dfota_fail(fault, DFOTA_ERR_DIGEST, DFOTA_MINI_HEADER_CRC_AT,
                          "MIN-3");
    if (bytes[VERSION_AT] != DFOTA_MINI_FORMAT)
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, VERSION_AT, "MIN-4");
    err = check_zero(bytes, RESERVED_AT, RESERVED_AT + 2, fault);
    if (!err)
        err = check_regions(bytes, fault);
    if (!err)
        err = check_identity(bytes, DFOTA_MINI_FROM_AT, fault);
    if (!err)
        err = check_identity(bytes, DFOTA_MINI_TO_AT, fault);
    if (!err)
        err = check_sizes(bytes, fault);
    if (!err)
        fill(bytes, out);
    return err;
}

/* --- the flash ------------------------------------------------------------ */

static enum dfota_error region_crc32(const struct dfota_mini_region *region,
                                     const struct dfota_mini_flash *flash,
                                     uint32_t *out)
{
    uint8_t chunk[READ_CHUNK];
    uint32_t crc32 = 0;

    for (uint32_t done = 0, size; done < region->length; done += size) {
        enum dfota_error err;

        size = region->length - done;
        size = size < READ_CHUNK ? size : READ_CHUNK;
        err = flash->read(flash->context, region->address + done, chunk, size);
        if (err)
            return err;
        crc32 = dfota_crc32(crc32, chunk, size);
    }
    *out = crc32;
    return DFOTA_OK;
}

enum dfota_error dfota_mini_check_flash(const struct dfota_mini_header *header,
                                        enum dfota_mini_state state,
                                        const struct dfota_mini_flash *flash,
                                        struct dfota_fault *fault)
{
    bool old = state == DFOTA_MINI_OLD_ALL || state == DFOTA_MINI_OLD_MINI;
    bool all = state == DFOTA_MINI_OLD_ALL || state == DFOTA_MINI_NEW_ALL;
    unsigned count = all ? header->region_count : 1;

    for (unsigned i = 0; i < count; i++) {
        const struct dfota_mini_region *region = &header->regions[i];
        uint32_t found;
        enum dfota_error err = region_crc32(region, flash, &found);

        if (err)
            return err;
        if (old && found != region->old_crc32)
            return dfota_fail(fault, DFOTA_ERR_DIGEST,
                              region_at(i) + OLD_CRC32_AT, "MIN-13");
        if (!old && found != region->new_crc32)
            return dfota_fail(fault, DFOTA_ERR_DIGEST,
                              region_at(i) + NEW_CRC32_AT, "MIN-14");
    }
    return DFOTA_OK;
}
