/* SPDX-License-Identifier: MIT */
/*
 * failing_all.c - see failing_memory.h.  Needs glibc, whose free() takes back
 * what its own allocator gave, by whatever name; no sanitizer that brings an
 * allocator can be in the same program.
 */
#include <stdlib.h>

#include <jansson.h>

#include "tests/support/failing_memory.h"

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
    return failing_memory_turn() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return failing_memory_turn() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return failing_memory_turn() ? NULL : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return failing_memory_turn() ? NULL : __libc_memalign(alignment, size);
}

/*
 * jansson is spared: of a string that it has no memory to collect it loses the
 * end (2.14, lex_save), and then runs past what it has, looking for it.
 */
__attribute__((constructor)) static void spare_jansson(void)
{
    json_set_alloc_funcs(__libc_malloc, free);
}
