/* SPDX-License-Identifier: MIT */
/*
 * file.h - files read whole, and files written whole or not at all
 *
 * The only part that knows the file system.
 */
#ifndef DFOTA_LIB_BASE_FILE_H
#define DFOTA_LIB_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"
#include "lib/base/buffer.h"

/*
 * Reads all of `path` into the empty buffer `out`, which the caller frees.
 * Regular files, pipes and devices alike; reads until the end, so a file that
 * grows or shrinks meanwhile gives what was read.
 *
 * Errors, which `fault` ascribes to `path`:
 *   DFOTA_ERR_IO      the system refused, or `path` is a folder
 *   DFOTA_ERR_LIMIT   FILE-1  more than `limit` bytes
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_file_read(const char *path, size_t limit,
                                 struct dfota_buffer *out,
                                 struct dfota_fault *fault);

/* The same, from `fd`, the open file at `path`, which stays open. */
enum dfota_error dfota_file_read_from(int fd, const char *path, size_t limit,
                                      struct dfota_buffer *out,
                                      struct dfota_fault *fault);

/* True when both paths lead to one existing file, by whatever names. */
bool dfota_file_same(const char *a, const char *b);

/*
 * Finds out where `path`, which may be a link, leads, whether something is
 * there or not: a rename would take a link's place and leave what it leads to
 * as it was.  The caller frees `*target`.  Errors: DFOTA_ERR_IO,
 * DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_file_target(const char *path, char **target,
                                   struct dfota_fault *fault);

/*
 * Flushes the folder that holds `path`, so that a rename in it lasts.  What has
 * been renamed is there for all to see, so a folder that cannot be opened or
 * flushed is no failure.  `path` is as it was afterwards.
 */
void dfota_file_flush_folder(char *path);

#define DFOTA_OUTPUT_MAX 2 /* files that can appear together */

/*
 * A file in the making.  {0} is none; dfota_output_discard() gives that back.
 * Until dfota_output_commit() the bytes lie under a temporary name in the
 * folder of `target`, and what `path` named before is untouched.
 */
struct dfota_output {
    int fd;
    const char *path; /* the caller's */
    char *target;     /* `path`, or where it leads when it is a link */
    char *temporary;  /* NULL when there is no file in the making */
};

/*
 * Begins the file that will be `path`, which must outlive it.  An existing
 * `path` must be a regular file; its permissions to read, write and execute are
 * kept.  A symbolic link stays, and the file appears where it leads to.
 *
 * Errors, which leave `*output` untouched: DFOTA_ERR_IO, DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_output_open(struct dfota_output *output,
                                   const char *path, struct dfota_fault *fault);

/* Appends `size` bytes.  Errors: DFOTA_ERR_IO. */
enum dfota_error dfota_output_write(struct dfota_output *output,
                                    const void *bytes, size_t size,
                                    struct dfota_fault *fault);

/*
 * Makes the file appear: flushed to the disk, renamed to its target, and the
 * folder flushed where that can be.  On failure nothing appears and nothing is
 * left behind. Ends the output either way.  Errors: DFOTA_ERR_IO.
 */
enum dfota_error dfota_output_commit(struct dfota_output *output,
                                     struct dfota_fault *fault);

/*
 * Makes `count` files appear, at most DFOTA_OUTPUT_MAX, the last one first;
 * when one cannot, those before it are undone and what stood there is put back.
 * Ends all outputs either way.  Errors: DFOTA_ERR_IO, DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_output_commit_all(struct dfota_output *outputs,
                                         size_t count,
                                         struct dfota_fault *fault);

/* Gives up: removes the temporary file.  Does nothing for {0} or after a
 * commit. */
void dfota_output_discard(struct dfota_output *output);

#endif
