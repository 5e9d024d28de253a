/* SPDX-License-Identifier: MIT */
/* memory.c - the two functions that a compiler takes for granted */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);

void *memcpy(void *to, const void *from, size_t size)
{
    uint8_t *next = to;

    for (size_t i = 0; i < size; i++)
        next[i] = ((const uint8_t *)from)[i];
    return to;
}

void *memset(void *to, int value, size_t size)
{
    uint8_t *next = to;

    for (size_t i = 0; i < size; i++)
        next[i] = (uint8_t)value;
    return to;
}
