/* SPDX-License-Identifier: MIT */
#include "format/zip_tail.h"

#define CENTRAL_SIGNATURE 0x02014b50U
#define END_SIGNATURE     0x06054b50U

#define MADE_BY           0x033fU /* Unix, zip 6.3: what libzip says of itself */

void dfota_zip_add_central(struct dfota_buffer *tail,
                           const struct dfota_zip_local *local, uint64_t offset)
{
    dfota_buffer_add_le(tail, CENTRAL_SIGNATURE, 4);
    dfota_buffer_add_le(tail, MADE_BY, 2);
    dfota_buffer_add_le(tail, DFOTA_ZIP_VERSION, 2);
    dfota_buffer_add_le(tail, 0, 4); /* flags, method */
    dfota_buffer_add_le(tail, DFOTA_ZIP_TIME, 2);
    dfota_buffer_add_le(tail, DFOTA_ZIP_DATE, 2);
    dfota_buffer_add_le(tail, local->crc32, 4);
    dfota_buffer_add_le(tail, local->size, 4);
    dfota_buffer_add_le(tail, local->size, 4);
    dfota_buffer_add_le(tail, local->name_size, 2);
    dfota_buffer_add_le(tail, 0, 8); /* extra, comment, disk, internal */
    dfota_buffer_add_le(tail, DFOTA_ZIP_ATTRIBUTES, 4);
    dfota_buffer_add_le(tail, offset, 4);
    dfota_buffer_add(tail, local->name, local->name_size);
}

void dfota_zip_add_end(struct dfota_buffer *tail, size_t count, uint64_t offset)
{
    size_t size = tail->size;

    dfota_buffer_add_le(tail, END_SIGNATURE, 4);
    dfota_buffer_add_le(tail, 0, 4); /* disks */
    dfota_buffer_add_le(tail, count, 2);
    dfota_buffer_add_le(tail, count, 2);
    dfota_buffer_add_le(tail, size, 4);
    dfota_buffer_add_le(tail, offset, 4);
    dfota_buffer_add_le(tail, 0, 2); /* comment */
}
