/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* madvise() is in no standard */
#include "lib/base/large.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE  ((size_t)2 << 20) /* bytes of a large page, of most systems */
#define ALIGN ((size_t)16)
#define LARGE ((size_t)4 << 20) /* bytes from which on that is worth it */

/* Asks for large pages.  Where there are none, that changes nothing. */
static void *advise(uint8_t *bytes, size_t size)
{
    size_t before = (0 - (uintptr_t)bytes) % PAGE;

    if (bytes != NULL && size >= LARGE)
        (void)madvise(bytes + before, (size - before) / PAGE * PAGE,
                      MADV_HUGEPAGE);
    return bytes;
}

void *dfota_large(size_t size)
{
    return advise(malloc(size), size);
}

void *dfota_large_zeroed(size_t count, size_t size)
{
    return advise(calloc(count, size), count * size);
}

void *dfota_large_aligned(size_t size)
{
    if (size > SIZE_MAX - ALIGN)
        return NULL;
    return advise(aligned_alloc(ALIGN, size / ALIGN * ALIGN + ALIGN), size);
}
