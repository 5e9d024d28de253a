/* SPDX-License-Identifier: MIT */
/* size.h - byte counts as people write them: "64K", "8M", "0x160000" */
#ifndef DFOTA_LIB_BASE_SIZE_H
#define DFOTA_LIB_BASE_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads `text` as a number of bytes: decimal digits or 0x and hex digits, then
 * nothing or one of K, M, G (either case; 1024, 1024^2, 1024^3).  No sign, no
 * space, no fraction.  False, and `*out` untouched, for anything else or more
 * than 64 bits hold.
 */
bool dfota_size_parse(const char *text, uint64_t *out);

#endif
