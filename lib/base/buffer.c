/* SPDX-License-Identifier: MIT */
#include "lib/base/buffer.h"

#include <stdlib.h>
#include <string.h>

void dfota_buffer_free(struct dfota_buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct dfota_buffer){.limit = buffer->limit};
}

/* The next capacity that holds `needed`, doubling, or 0 when none can. */
static size_t grown(const struct dfota_buffer *buffer, size_t needed)
{
    size_t capacity = buffer->capacity < 64 ? 64 : buffer->capacity;

    while (capacity < needed) {
        if (capacity > SIZE_MAX / 2)
            return 0;
        capacity *= 2;
    }
    return capacity;
}

uint8_t *dfota_buffer_reserve(struct dfota_buffer *buffer, size_t size)
{
    size_t limit = buffer->limit != 0 ? buffer->limit : SIZE_MAX;
    size_t capacity;
    uint8_t *data;

    if (buffer->error)
        return NULL;
    if (size > limit - buffer->size) {
        buffer->error = DFOTA_ERR_LIMIT;
        return NULL;
    }
    if (buffer->data != NULL && size <= buffer->capacity - buffer->size)
        return buffer->data + buffer->size;
    capacity = grown(buffer, buffer->size + size);
    data = capacity != 0 ? realloc(buffer->data, capacity) : NULL;
    if (data == NULL) {
        buffer->error = DFOTA_ERR_MEMORY;
        return NULL;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return data + buffer->size;
}

void dfota_buffer_add(struct dfota_buffer *buffer, const void *bytes,
                      size_t size)
{
    uint8_t *room = dfota_buffer_reserve(buffer, size);

    if (room == NULL || size == 0)
        return;
    memcpy(room, bytes, size);
    buffer->size += size;
}

void dfota_buffer_add_le(struct dfota_buffer *buffer, uint64_t value,
                         unsigned count)
{
    uint8_t bytes[8];

    for (unsigned i = 0; i < count; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    dfota_buffer_add(buffer, bytes, count);
}

void dfota_buffer_add_varint(struct dfota_buffer *buffer, uint64_t value)
{
    uint8_t bytes[10];
    unsigned count = 0;

    for (; value >= 0x80; value >>= 7)
        bytes[count++] = (uint8_t)(value | 0x80);
    bytes[count++] = (uint8_t)value;
    dfota_buffer_add(buffer, bytes, count);
}

enum dfota_error dfota_buffer_check(const struct dfota_buffer *buffer,
                                    struct dfota_fault *fault)
{
    if (buffer->error == DFOTA_OK)
        return DFOTA_OK;
    return dfota_fail(fault, buffer->error, DFOTA_NO_OFFSET, NULL);
}

struct dfota_view dfota_buffer_view(const struct dfota_buffer *buffer)
{
    return (struct dfota_view){buffer->data, buffer->size};
}
