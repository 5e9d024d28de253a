/* SPDX-License-Identifier: MIT */
/*
 * input.h - a file that is read at random, and must not change meanwhile
 *
 * What an open input gives is always of one state of its file: a read that
 * finds the file shorter fails, and dfota_input_check() finds every other
 * change that the system tells of.
 */
#ifndef DFOTA_LIB_BASE_INPUT_H
#define DFOTA_LIB_BASE_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "dfota/error.h"
#include "lib/base/buffer.h"

/* Owns a descriptor and memory.  {0} is none. */
struct dfota_input {
    const char *path; /* the caller's; faults are ascribed to it */
    int fd;
    uint64_t size; /* bytes */
    struct timespec changed;
    uint8_t *window;    /* what was read last; NULL for what is no file */
    uint64_t window_at; /* offset of its first byte */
    size_t window_size; /* bytes in it */
    struct dfota_buffer whole; /* all of a pipe or device */
};

/*
 * Opens `path`, which must outlive the input.  A pipe or device, where nothing
 * can be read twice, is read whole at once.
 *
 * Errors, which leave `*out` untouched:
 *   DFOTA_ERR_IO      the system refused, or `path` is a folder
 *   DFOTA_ERR_LIMIT   FILE-1  more than `limit` bytes
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_input_open(const char *path, uint64_t limit,
                                  struct dfota_input *out,
                                  struct dfota_fault *fault);

/*
 * Reads the `size` bytes from `offset` on, which lie within the input's size.
 * Cheap for small reads one behind another.  Not for two threads at once.
 * Errors: DFOTA_ERR_IO, and with it FILE-2 when the file became shorter.
 */
enum dfota_error dfota_input_read(struct dfota_input *input, uint64_t offset,
                                  void *out, size_t size,
                                  struct dfota_fault *fault);

/*
 * Reads all of it into the empty buffer `out`, and checks it.
 * Errors: those of dfota_input_read() and dfota_input_check(),
 * DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_input_load(struct dfota_input *input,
                                  struct dfota_buffer *out,
                                  struct dfota_fault *fault);

/*
 * Finds out whether the file is as it was when it was opened.
 * Errors: DFOTA_ERR_IO, and with it FILE-2 when size or time of change differ.
 */
enum dfota_error dfota_input_check(const struct dfota_input *input,
                                   struct dfota_fault *fault);

void dfota_input_close(struct dfota_input *input);

#endif
