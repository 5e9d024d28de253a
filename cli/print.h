/* SPDX-License-Identifier: MIT */
/*
 * print.h - what the programs' texts and JSON objects have in common
 *
 * Whatever goes to a terminal and was not written by us, paths and text from
 * files alike, goes through here: a control character in it could do anything
 * to a terminal.
 */
#ifndef DFOTA_CLI_PRINT_H
#define DFOTA_CLI_PRINT_H

#include <stdint.h>
#include <stdio.h>

#include "dfota/digest.h"
#include "dfota/job.h"
#include "lib/base/json.h"

#define DFOTA_PRINT_BYTES_SIZE 40 /* bytes, the terminator included */

/* Prints `text`, every control character and every byte that is not UTF-8
 * replaced by '?'. */
void dfota_print_text(FILE *stream, const char *text);

/*
 * The same, with line breaks for spaces where 79 columns would be exceeded, and
 * one at the end.  The cursor is at `column`, where further lines begin too.
 */
void dfota_print_wrapped(FILE *stream, unsigned column, const char *text);

/* Writes "1,353,216 bytes" to `out` and returns that. */
const char *dfota_print_bytes(uint64_t bytes, char out[DFOTA_PRINT_BYTES_SIZE]);

/* Prints CRC32, MD5 and SHA-256, a line each, after `indent` spaces. */
void dfota_print_digests(FILE *stream, unsigned indent,
                         const struct dfota_digests *digests);

/* Writes an object with size, crc32, md5 and sha256. */
void dfota_print_json_digests(struct dfota_json_writer *json, const char *key,
                              const struct dfota_digests *digests);

/* Writes what a delta takes of a flash, or null where it is not in place. */
void dfota_print_json_use(struct dfota_json_writer *json,
                          const struct dfota_in_place_use *use);

/* Why a compressed stream is as it is in a package, as a phrase. */
const char *dfota_print_fate(enum dfota_packed_fate fate);

/*
 * Prints the compressed streams that a delta copies though the old image does
 * not have them, each in a line behind `label`, which takes `indent` columns;
 * of very many the first ones.
 */
void dfota_print_left_packed(const char *label, int indent,
                             const struct dfota_made_stream *streams,
                             size_t count);

/* Writes an array of all compressed streams. */
void dfota_print_json_streams(struct dfota_json_writer *json,
                              const struct dfota_made_stream *streams,
                              size_t count);

/* A file as an object in the array that is open. */
void dfota_print_json_file(struct dfota_json_writer *json, const char *path,
                           const struct dfota_digests *digests);

#endif
