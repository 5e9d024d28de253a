/* SPDX-License-Identifier: MIT */
#include "lib/apply/cursor.h"

struct dfota_cursor dfota_cursor(const uint8_t *bytes, size_t size)
{
    return (struct dfota_cursor){.next = bytes, .left = size};
}

const uint8_t *dfota_cursor_bytes(struct dfota_cursor *cursor, size_t count)
{
    const uint8_t *bytes = cursor->next;

    if (cursor->short_read || count > cursor->left) {
        cursor->left = 0;
        cursor->short_read = true;
        return NULL;
    }
    if (count > 0) /* an empty input may have no address to add to */
        cursor->next += count;
    cursor->left -= count;
    return bytes;
}

uint64_t dfota_cursor_le(struct dfota_cursor *cursor, unsigned count)
{
    const uint8_t *bytes = dfota_cursor_bytes(cursor, count);
    uint64_t value = 0;

    for (unsigned i = 0; bytes != NULL && i < count; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

uint32_t dfota_cursor_varint(struct dfota_cursor *cursor)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 35; shift += 7) {
        const uint8_t *byte = dfota_cursor_bytes(cursor, 1);

        if (byte == NULL)
            return 0;
        value |= (uint64_t)(*byte & 0x7f) << shift;
        if ((*byte & 0x80) == 0) {
            cursor->overlong |= value > UINT32_MAX || (*byte == 0 && shift > 0);
            return (uint32_t)value;
        }
    }
    cursor->overlong = true;
    return 0;
}
