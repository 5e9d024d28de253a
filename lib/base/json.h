/* SPDX-License-Identifier: MIT */
/*
 * json.h - writes and strictly reads JSON
 *
 * Reading is by table: one struct dfota_json_field a key says what the value
 * must be and where in a C struct it goes.  Unknown keys, doubled keys, missing
 * keys and values of another kind are refused.
 */
#ifndef DFOTA_LIB_BASE_JSON_H
#define DFOTA_LIB_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"
#include "lib/base/buffer.h"

/* --- writing ----------------------------------------------------------- */

#define DFOTA_JSON_DEPTH 8 /* objects and arrays that may be open at once */

/*
 * Text in the making, in the order of the calls.  {0} is empty;
 * dfota_json_finish() and dfota_json_discard() give that back.  The first
 * failure is remembered and reported by dfota_json_finish().  `key` is NULL
 * inside an array and for the outermost value.
 */
struct dfota_json_writer {
    void *root;                   /* the outermost value; owned */
    void *open[DFOTA_JSON_DEPTH]; /* parts of it, outermost first */
    unsigned depth;
    enum dfota_error error; /* the first failure, or DFOTA_OK */
};

void dfota_json_begin_object(struct dfota_json_writer *json, const char *key);
void dfota_json_begin_array(struct dfota_json_writer *json, const char *key);
void dfota_json_end(struct dfota_json_writer *json); /* the innermost open */

/* A string in UTF-8, bytes that are not UTF-8 replaced by '?'; NULL: null. */
void dfota_json_string(struct dfota_json_writer *json, const char *key,
                       const char *value);

/* A whole number up to INT64_MAX; more is DFOTA_ERR_LIMIT. */
void dfota_json_number(struct dfota_json_writer *json, const char *key,
                       uint64_t value);

/* A finite number, written with six significant digits. */
void dfota_json_real(struct dfota_json_writer *json, const char *key,
                     double value);
void dfota_json_bool(struct dfota_json_writer *json, const char *key,
                     bool value);
void dfota_json_null(struct dfota_json_writer *json, const char *key);

/* At most DFOTA_SHA256_SIZE bytes as lower-case hex digits. */
void dfota_json_hex(struct dfota_json_writer *json, const char *key,
                    const uint8_t *bytes, size_t size);
void dfota_json_crc32(struct dfota_json_writer *json, const char *key,
                      uint32_t value); /* as 8 hex digits */

/*
 * Appends the text, indented by two spaces and ending in a newline, to `out`
 * and empties the writer, on failure too.
 *
 * Errors:
 *   DFOTA_ERR_MEMORY
 *   DFOTA_ERR_LIMIT   a number over INT64_MAX, or more than `out` may hold
 *   DFOTA_ERR_USAGE   calls that make no JSON: something left open, too deep,
 *                     a key missing or where none belongs, no value at all
 */
enum dfota_error dfota_json_finish(struct dfota_json_writer *json,
                                   struct dfota_buffer *out,
                                   struct dfota_fault *fault);

/* Gives up the text. */
void dfota_json_discard(struct dfota_json_writer *json);

/* --- reading ----------------------------------------------------------- */

struct dfota_json_value; /* opaque; belongs to its document */

/*
 * Parses `text`, one JSON value with nothing after it, into `*root`, which
 * dfota_json_free() releases.  Refuses doubled keys and NUL characters.
 *
 * Errors:
 *   DFOTA_ERR_CORRUPT  `rule`  not JSON; the offset is where parsing stopped:
 *                              at the wrong byte, or just after it
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_json_parse(struct dfota_view text, const char *rule,
                                  struct dfota_json_value **root,
                                  struct dfota_fault *fault);
void dfota_json_free(struct dfota_json_value *root);

enum dfota_json_kind {
    DFOTA_JSON_TEXT,   /* into char[max + 1] */
    DFOTA_JSON_NUMBER, /* 0 to `max`, into uint64_t */
    DFOTA_JSON_SIZE,   /* the same, or a string as dfota_size_parse() takes */
    DFOTA_JSON_HEX, /* exactly `max` bytes as lower-case hex, into uint8_t[] */
    DFOTA_JSON_CRC32,  /* 8 lower-case hex digits, into uint32_t */
    DFOTA_JSON_STRUCT, /* an object, by `members` into a struct at `at` */
    DFOTA_JSON_OBJECT, /* into const struct dfota_json_value * */
    DFOTA_JSON_ARRAY   /* of at most `max` values; likewise */
};

struct dfota_json_field {
    const char *name;
    enum dfota_json_kind kind;
    uint64_t max;
    size_t at;     /* offset in the struct */
    bool nullable; /* null leaves the struct as it is */
    bool optional; /* so does a missing key */
    const struct dfota_json_field *members; /* of a DFOTA_JSON_STRUCT */
};

/*
 * Reads the members of `object` into the struct at `out` by the table
 * `fields`, which ends with a NULL name.
 *
 * Errors:
 *   DFOTA_ERR_CORRUPT  `rule`  not an object, or a key is missing, unknown, or
 *                              of another kind or size than its field says;
 *                              the detail names the key
 */
enum dfota_error dfota_json_fields(const struct dfota_json_value *object,
                                   const struct dfota_json_field *fields,
                                   const char *rule, void *out,
                                   struct dfota_fault *fault);

/*
 * Like dfota_json_fields(), but looks at no other key: for what must be known
 * before the rest can be judged, such as a version.
 */
enum dfota_error dfota_json_some_fields(const struct dfota_json_value *object,
                                        const struct dfota_json_field *fields,
                                        const char *rule, void *out,
                                        struct dfota_fault *fault);

/* The number of values in an array, and one of them. */
size_t dfota_json_count(const struct dfota_json_value *array);
const struct dfota_json_value *
dfota_json_item(const struct dfota_json_value *array, size_t index);

/*
 * The way back: writes the struct at `in` as members of the innermost open
 * object, by the table that reads it.  Passes over fields of the kinds
 * DFOTA_JSON_OBJECT and DFOTA_JSON_ARRAY, which the caller writes.
 */
void dfota_json_put_fields(struct dfota_json_writer *json,
                           const struct dfota_json_field *fields,
                           const void *in);

#endif
