/* SPDX-License-Identifier: MIT */
#include "format/mini.h"

#include <stdbool.h>
#include <string.h>

#include "lib/apply/crc32.h"
#include "lib/apply/cursor.h"
#include "lib/apply/delta_header.h"
#include "lib/apply/mini_header.h"
#include "lib/base/digest.h"
#include "lib/base/fault.h"

#define RAM_AT 32 /* in the header */

/* --- the delta in a .mini_1 ----------------------------------------------- */

/* A .mini_1 has the delta behind its header: offsets are told from its start.
 */
static enum dfota_error read_delta(struct dfota_view delta,
                                   struct dfota_delta_header *out,
                                   struct dfota_fault *fault)
{
    enum dfota_error err;

    if (delta.size > UINT32_MAX - DFOTA_MINI_HEADER_SIZE)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, UINT32_MAX, "FILE-1");
    err = dfota_delta_read_header(delta.data, delta.size, (uint32_t)delta.size,
                                  out, fault);
    if (!err && out->order.segment_size > 0) /* a module makes it beside old */
        err = dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, 5, "DLT-35");
    if (err && fault != NULL && fault->offset != DFOTA_NO_OFFSET)
        fault->offset += DFOTA_MINI_HEADER_SIZE;
    return err;
}

/* Refuses a delta between other images than the Mini region's. */
static enum dfota_error check_delta(const struct dfota_mini_region *mini,
                                    const struct dfota_delta_header *delta,
                                    struct dfota_fault *fault)
{
    const struct {
        uint64_t at;
        uint32_t found;
        uint32_t want;
    } fields[] = {
        {DFOTA_DELTA_FIXED, delta->old_size, mini->length},
        {DFOTA_DELTA_FIXED, delta->new_size, mini->length},
        {7, delta->old_crc32, mini->old_crc32},
        {11, delta->new_crc32, mini->new_crc32},
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (fields[i].found != fields[i].want)
            return dfota_fail(fault, DFOTA_ERR_CORRUPT,
                              DFOTA_MINI_HEADER_SIZE + fields[i].at, "MIN-17");
    return DFOTA_OK;
}

/* --- writing -------------------------------------------------------------- */

enum dfota_error dfota_mini_set_delta(struct dfota_mini_header *header,
                                      struct dfota_view delta,
                                      struct dfota_fault *fault)
{
    struct dfota_delta_header delta_header = {0};
    struct dfota_digests digests;
    enum dfota_error err = read_delta(delta, &delta_header, fault);

    if (!err)
        err = check_delta(&header->regions[0], &delta_header, fault);
    if (!err)
        err = dfota_digest(delta.data, delta.size, &digests, fault);
    if (err)
        return err;
    header->delta_size = (uint32_t)delta.size;
    memcpy(header->delta_md5, digests.md5, sizeof(header->delta_md5));
    header->ram = delta_header.ram;
    return DFOTA_OK;
}

enum dfota_error dfota_mini_set_second(struct dfota_mini_header *header,
                                       struct dfota_view second,
                                       struct dfota_fault *fault)
{
    struct dfota_mini_header bound = *header;
    struct dfota_mini_frames frames;
    struct dfota_digests digests;
    enum dfota_error err;

    if (second.size > UINT32_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, UINT32_MAX, "FILE-1");
    bound.second_size = (uint32_t)second.size;
    err = dfota_mini_check_frames(&bound, second, &frames, fault);
    if (!err)
        err = dfota_digest(second.data, second.size, &digests, fault);
    if (err)
        return err;
    memcpy(bound.second_md5, digests.md5, sizeof(bound.second_md5));
    memcpy(bound.second_sha256, digests.sha256, sizeof(bound.second_sha256));
    if (bound.ram < frames.ram)
        bound.ram = frames.ram;
    *header = bound;
    return DFOTA_OK;
}

static void put_zeros(struct dfota_buffer *out, size_t end)
{
    while (out->size < end && !out->error)
        dfota_buffer_add_le(out, 0, 1);
}

static void put_identity(const struct dfota_mini_identity *identity,
                         struct dfota_buffer *out)
{
    size_t end = out->size + DFOTA_MINI_VERSION_MAX;

    dfota_buffer_add(out, identity->version, strlen(identity->version));
    put_zeros(out, end);
    dfota_buffer_add_le(out, identity->project_size, 1);
    dfota_buffer_add_le(out, identity->baseline_size, 1);
}

static void put_region(const struct dfota_mini_region *region, uint8_t role,
                       struct dfota_buffer *out)
{
    dfota_buffer_add_le(out, role, 1);
    dfota_buffer_add_le(out, 0, 3);
    dfota_buffer_add_le(out, region->address, 4);
    dfota_buffer_add_le(out, region->length, 4);
    dfota_buffer_add_le(out, region->old_crc32, 4);
    dfota_buffer_add_le(out, region->new_crc32, 4);
}

/* The inverse of dfota_mini_read_header(). */
static void put_header(const struct dfota_mini_header *header,
                       struct dfota_buffer *out)
{
    size_t begin = out->size;

    dfota_buffer_add(out, DFOTA_MINI_MAGIC, 4);
    dfota_buffer_add_le(out, DFOTA_MINI_FORMAT, 1);
    dfota_buffer_add_le(out, header->region_count, 1);
    dfota_buffer_add_le(out, 0, 2);
    dfota_buffer_add_le(out, header->flash_size, 4);
    dfota_buffer_add_le(out, header->delta_size, 4);
    dfota_buffer_add(out, header->delta_md5, sizeof(header->delta_md5));
    dfota_buffer_add_le(out, header->ram, 4);
    dfota_buffer_add_le(out, header->second_size, 4);
    dfota_buffer_add(out, header->second_md5, sizeof(header->second_md5));
    dfota_buffer_add(out, header->second_sha256, sizeof(header->second_sha256));
    put_identity(&header->from, out);
    put_identity(&header->to, out);
    for (unsigned i = 0; i < header->region_count; i++)
        put_region(&header->regions[i],
                   i == 0 ? DFOTA_MINI_ROLE_MINI : DFOTA_MINI_ROLE_APP, out);
    put_zeros(out, begin + DFOTA_MINI_HEADER_CRC_AT);
    if (!out->error)
        dfota_buffer_add_le(
            out, dfota_crc32(0, out->data + begin, DFOTA_MINI_HEADER_CRC_AT),
            4);
}

static bool is_terminated(const struct dfota_mini_identity *identity)
{
    return memchr(identity->version, '\0', sizeof(identity->version)) != NULL;
}

enum dfota_error dfota_mini_write_first(const struct dfota_mini_header *header,
                                        struct dfota_view delta,
                                        struct dfota_buffer *out,
                                        struct dfota_fault *fault)
{
    struct dfota_mini_header again;
    size_t begin = out->size;
    enum dfota_error err;

    if (delta.size != header->delta_size)
        return dfota_fail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, NULL);
    if (header->region_count > DFOTA_MINI_REGIONS_MAX)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, 5, "MIN-6");
    if (!is_terminated(&header->from) || !is_terminated(&header->to))
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, DFOTA_MINI_FROM_AT,
                          "MIN-10");
    put_header(header, out);
    err = dfota_buffer_check(out, fault);
    if (!err) /* whatever no module would read is refused by its own rule */
        err = dfota_mini_read_header(out->data + begin, out->size - begin,
                                     &again, fault);
    if (!err) {
        dfota_buffer_add(out, delta.data, delta.size);
        err = dfota_buffer_check(out, fault);
    }
    if (err)
        out->size = begin;
    return err;
}

/* --- reading -------------------------------------------------------------- */

enum dfota_error dfota_mini_read_first(struct dfota_view file,
                                       struct dfota_mini_first *out,
                                       struct dfota_fault *fault)
{
    struct dfota_mini_first first;
    struct dfota_digests digests;
    uint64_t size;
    enum dfota_error err =
        dfota_mini_read_header(file.data, file.size, &first.header, fault);

    if (err)
        return err;
    size = (uint64_t)DFOTA_MINI_HEADER_SIZE + first.header.delta_size;
    if (file.size < size)
        return dfota_fail(fault, DFOTA_ERR_TRUNCATED, file.size, "MIN-15");
    if (file.size > size)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, size, "MIN-15");
    first.delta = (struct dfota_view){file.data + DFOTA_MINI_HEADER_SIZE,
                                      first.header.delta_size};
    err = dfota_digest(first.delta.data, first.delta.size, &digests, fault);
    if (err)
        return err;
    if (memcmp(digests.md5, first.header.delta_md5, DFOTA_MD5_SIZE) != 0)
        return dfota_fail(fault, DFOTA_ERR_DIGEST, DFOTA_MINI_HEADER_SIZE,
                          "MIN-16");
    err = read_delta(first.delta, &first.delta_header, fault);
    if (!err)
        err = check_delta(&first.header.regions[0], &first.delta_header, fault);
    if (err)
        return err;
    if (first.header.ram < first.delta_header.ram)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, RAM_AT, "MIN-18");
    *out = first;
    return DFOTA_OK;
}

/* The second file, against what the first says of it. */
static enum dfota_error read_second(const struct dfota_mini_header *header,
                                    struct dfota_view file,
                                    struct dfota_mini_frames *out,
                                    struct dfota_fault *fault)
{
    struct dfota_digests digests;
    enum dfota_error err = dfota_mini_check_frames(header, file, out, fault);

    if (!err)
        err = dfota_digest(file.data, file.size, &digests, fault);
    if (err)
        return err;
    if (memcmp(digests.md5, header->second_md5, DFOTA_MD5_SIZE) != 0 ||
        memcmp(digests.sha256, header->second_sha256, DFOTA_SHA256_SIZE) != 0)
        return dfota_fail(fault, DFOTA_ERR_DIGEST, 0, "MIN-25");
    return DFOTA_OK;
}

enum dfota_error dfota_mini_read_pair(const struct dfota_view files[2],
                                      struct dfota_mini_pair *out,
                                      enum dfota_mini_file *at_fault,
                                      struct dfota_fault *fault)
{
    struct dfota_mini_pair pair = {0};
    uint32_t ram;
    enum dfota_error err;

    *at_fault = DFOTA_MINI_FIRST;
    err = dfota_mini_read_first(files[DFOTA_MINI_FIRST], &pair.first, fault);
    if (err)
        return err;
    *at_fault = DFOTA_MINI_SECOND;
    err = read_second(&pair.first.header, files[DFOTA_MINI_SECOND],
                      &pair.frames, fault);
    if (err)
        return err;
    *at_fault = DFOTA_MINI_FIRST;
    ram = pair.first.delta_header.ram;
    if (ram < pair.frames.ram)
        ram = pair.frames.ram;
    if (pair.first.header.ram != ram)
        return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, RAM_AT, "MIN-18",
                                 "%u bytes are needed", (unsigned)ram);
    *out = pair;
    return DFOTA_OK;
}
