/* SPDX-License-Identifier: MIT */
/*
 * large.h - memory that is large, in large pages
 *
 * Whoever goes through many megabytes, and more so who looks up places all over
 * them, spends much of its time on pages of a few kilobytes.
 */
#ifndef DFOTA_LIB_BASE_LARGE_H
#define DFOTA_LIB_BASE_LARGE_H

#include <stddef.h>

/*
 * Allocate like malloc() and calloc(), for free(); NULL without memory.  Where
 * that is large, the system is asked for large pages for all that whole ones
 * cover, so that nothing beside it becomes resident.  Such a page becomes
 * resident as a whole: this is for memory of which most will be touched.
 */
void *dfota_large(size_t size);
void *dfota_large_zeroed(size_t count, size_t size);

/* The same at a multiple of 16, as what stands for a module's memory has to
 * be. */
void *dfota_large_aligned(size_t size);

#endif
