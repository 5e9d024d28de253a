/* SPDX-License-Identifier: MIT */
/* fault.h - the host's ways to fill a struct dfota_fault */
#ifndef DFOTA_LIB_BASE_FAULT_H
#define DFOTA_LIB_BASE_FAULT_H

#include "dfota/error.h"

/*
 * Like dfota_fail(), and says what was found: a printf format and its
 * arguments, cut to fit.  Control characters are replaced, so that text from a
 * file cannot disturb a terminal.
 */
__attribute__((format(printf, 5, 6))) enum dfota_error
dfota_fail_detail(struct dfota_fault *fault, enum dfota_error error,
                  uint64_t offset, const char *rule, const char *format, ...);

/* Gives up on the system: records `path` and errno, returns DFOTA_ERR_IO. */
enum dfota_error dfota_fail_os(struct dfota_fault *fault, const char *path);

/* Gives up for want of memory: returns DFOTA_ERR_MEMORY. */
enum dfota_error dfota_fail_memory(struct dfota_fault *fault);

/* Names the file at fault, unless it has been named already. */
void dfota_fault_in(struct dfota_fault *fault, const char *path);

#endif
