/* SPDX-License-Identifier: MIT */
/* firmware.h - what a firmware has anyway, as little of it as can be */
#ifndef DFOTA_TESTS_SIZE_FIRMWARE_H
#define DFOTA_TESTS_SIZE_FIRMWARE_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t size)
{
    (void)from;
    (void)size;
    return to;
}

void *memset(void *to, int value, size_t size)
{
    (void)value;
    (void)size;
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    (void)from;
    (void)size;
    return to;
}

#endif
