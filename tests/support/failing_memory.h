/* SPDX-License-Identifier: MIT */
/*
 * failing_memory.h - makes one allocation fail
 *
 * Two ways to do it, of which a test links one.  failing_own.c fails our own
 * calls, which the linker turns over to it, and goes with any sanitizer.
 * failing_all.c takes the place of the C library's allocator, and so fails the
 * libraries' calls as well.
 */
#ifndef DFOTA_TESTS_SUPPORT_FAILING_MEMORY_H
#define DFOTA_TESTS_SUPPORT_FAILING_MEMORY_H

#include <stdbool.h>

/* Lets the `which`-th allocation from here on fail, from 1; none for 0. */
void failing_memory(unsigned which);

/* Whether one has failed since. */
bool failing_memory_has_failed(void);

/* For the two: counts an allocation, and says whether it is to fail. */
bool failing_memory_turn(void);

#endif
