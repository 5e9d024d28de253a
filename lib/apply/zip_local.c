/* SPDX-License-Identifier: MIT */
#include "lib/apply/zip_local.h"

#define SIGNATURE 0x04034b50U

/* The fields of a local header that are not handed out. */
struct fixed_fields {
    uint32_t signature;
    uint16_t version;
    uint16_t flags;
    uint16_t method;
    uint16_t time;
    uint16_t date;
    uint32_t stored_size;
    uint16_t extra_size;
};

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/* The index of the first character no plain name has there, or `size`. */
static uint16_t plain_part(const char *name, uint16_t size)
{
    uint16_t i = 0;

    if (name[0] == '.') /* ".." and hidden files */
        return 0;
    while (i < size && is_name_character(name[i]))
        i++;
    return i;
}

/* Steps over a header up to its name; zeros where the cursor ends before. */
static void read_fields(struct dfota_cursor *cursor, struct fixed_fields *fixed,
                        struct dfota_zip_local *local)
{
    fixed->signature = (uint32_t)dfota_cursor_le(cursor, 4);
    fixed->version = (uint16_t)dfota_cursor_le(cursor, 2);
    fixed->flags = (uint16_t)dfota_cursor_le(cursor, 2);
    fixed->method = (uint16_t)dfota_cursor_le(cursor, 2);
    fixed->time = (uint16_t)dfota_cursor_le(cursor, 2);
    fixed->date = (uint16_t)dfota_cursor_le(cursor, 2);
    local->crc32 = (uint32_t)dfota_cursor_le(cursor, 4);
    fixed->stored_size = (uint32_t)dfota_cursor_le(cursor, 4);
    local->size = (uint32_t)dfota_cursor_le(cursor, 4);
    local->name_size = (uint16_t)dfota_cursor_le(cursor, 2);
    fixed->extra_size = (uint16_t)dfota_cursor_le(cursor, 2);
}

static enum dfota_error check_fields(const struct fixed_fields *fixed,
                                     const struct dfota_zip_local *local,
                                     uint64_t offset, struct dfota_fault *fault)
{
    if (fixed->flags != 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, offset + 6, "ZIP-5");
    if (fixed->method != 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, offset + 8, "ZIP-6");
    if (fixed->stored_size != local->size || local->size == UINT32_MAX)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, offset + 18, "ZIP-7");
    if (fixed->extra_size != 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, offset + 28, "ZIP-8");
    if (fixed->version != DFOTA_ZIP_VERSION)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, offset + 4, "ZIP-9");
    if (fixed->time != DFOTA_ZIP_TIME || fixed->date != DFOTA_ZIP_DATE)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, offset + 10, "ZIP-10");
    if (local->name_size == 0 || local->name_size > DFOTA_ZIP_NAME_MAX)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, offset + 26, "ZIP-11");
    return DFOTA_OK;
}

enum dfota_error dfota_zip_local_read(struct dfota_cursor *cursor,
                                      uint64_t offset,
                                      struct dfota_zip_local *out,
                                      struct dfota_fault *fault)
{
    struct dfota_cursor c = *cursor;
    struct fixed_fields fixed;
    struct dfota_zip_local local;
    enum dfota_error err;
    uint16_t plain;

    read_fields(&c, &fixed, &local);
    if (cursor->left >= 4 && fixed.signature != SIGNATURE) {
        if (offset == 0)
            return dfota_fail(fault, DFOTA_ERR_FORMAT, offset, "ZIP-1");
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, offset, "ZIP-4");
    }
    if (c.short_read)
        return dfota_fail(fault, DFOTA_ERR_TRUNCATED, offset + cursor->left,
                          "ZIP-3");
    err = check_fields(&fixed, &local, offset, fault);
    if (err)
        return err;
    local.name = (const char *)dfota_cursor_bytes(&c, local.name_size);
    if (local.name == NULL)
        return dfota_fail(fault, DFOTA_ERR_TRUNCATED, offset + cursor->left,
                          "ZIP-3");
    plain = plain_part(local.name, local.name_size);
    if (plain < local.name_size)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT,
                          offset + DFOTA_ZIP_LOCAL_SIZE + plain, "ZIP-11");
    local.header_size = DFOTA_ZIP_LOCAL_SIZE + (uint32_t)local.name_size;
    *out = local;
    *cursor = c;
    return DFOTA_OK;
}

bool dfota_zip_local_is(const struct dfota_zip_local *local, const char *name)
{
    uint16_t i = 0;

    while (i < local->name_size && name[i] != '\0' && name[i] == local->name[i])
        i++;
    return i == local->name_size && name[i] == '\0';
}
