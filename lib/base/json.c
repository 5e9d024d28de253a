/* SPDX-License-Identifier: MIT */
#include "lib/base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lib/base/digest.h"
#include "lib/base/fault.h"
#include "lib/base/size.h"
#include "lib/base/utf8.h"

/* --- writing ----------------------------------------------------------- */

static void fail(struct dfota_json_writer *json, enum dfota_error error)
{
    if (!json->error)
        json->error = error;
}

/* Takes `value` in at the writer's place, or releases it. */
static void put(struct dfota_json_writer *json, const char *key, json_t *value)
{
    json_t *in = json->depth > 0 ? json->open[json->depth - 1] : NULL;

    if (value == NULL)
        fail(json, DFOTA_ERR_MEMORY);
    else if ((key != NULL) != json_is_object(in) ||
             (in == NULL && json->root != NULL))
        fail(json, DFOTA_ERR_USAGE);
    if (json->error) {
        json_decref(value);
        return;
    }
    if (in == NULL)
        json->root = value;
    else if (key != NULL ? json_object_set_new(in, key, value)
                         : json_array_append_new(in, value))
        fail(json, DFOTA_ERR_MEMORY);
}

static void begin(struct dfota_json_writer *json, const char *key,
                  json_t *value)
{
    if (json->depth == DFOTA_JSON_DEPTH)
        fail(json, DFOTA_ERR_USAGE);
    put(json, key, value);
    if (!json->error)
        json->open[json->depth++] = value;
}

void dfota_json_begin_object(struct dfota_json_writer *json, const char *key)
{
    begin(json, key, json_object());
}

void dfota_json_begin_array(struct dfota_json_writer *json, const char *key)
{
    begin(json, key, json_array());
}

void dfota_json_end(struct dfota_json_writer *json)
{
    if (json->depth == 0)
        fail(json, DFOTA_ERR_USAGE);
    else
        json->depth--;
}

static json_t *new_string(const char *value)
{
    char *copy = strdup(value);
    json_t *string;

    if (copy == NULL)
        return NULL;
    dfota_utf8_clean(copy);
    string = json_string(copy);
    free(copy);
    return string;
}

void dfota_json_string(struct dfota_json_writer *json, const char *key,
                       const char *value)
{
    put(json, key, value != NULL ? new_string(value) : json_null());
}

void dfota_json_number(struct dfota_json_writer *json, const char *key,
                       uint64_t value)
{
    if (value > INT64_MAX) {
        fail(json, DFOTA_ERR_LIMIT);
        return;
    }
    put(json, key, json_integer((json_int_t)value));
}

void dfota_json_real(struct dfota_json_writer *json, const char *key,
                     double value)
{
    if (!isfinite(value)) {
        fail(json, DFOTA_ERR_USAGE);
        return;
    }
    put(json, key, json_real(value));
}

void dfota_json_bool(struct dfota_json_writer *json, const char *key,
                     bool value)
{
    put(json, key, json_boolean(value));
}

void dfota_json_null(struct dfota_json_writer *json, const char *key)
{
    put(json, key, json_null());
}

void dfota_json_hex(struct dfota_json_writer *json, const char *key,
                    const uint8_t *bytes, size_t size)
{
    char text[2 * DFOTA_SHA256_SIZE + 1];

    if (size > DFOTA_SHA256_SIZE) {
        fail(json, DFOTA_ERR_USAGE);
        return;
    }
    dfota_hex(bytes, size, text);
    put(json, key, json_string(text));
}

void dfota_json_crc32(struct dfota_json_writer *json, const char *key,
                      uint32_t value)
{
    char text[9];

    snprintf(text, sizeof(text), "%08lx", (unsigned long)value);
    put(json, key, json_string(text));
}

static int append(const char *text, size_t size, void *buffer)
{
    struct dfota_buffer *out = buffer;

    dfota_buffer_add(out, text, size);
    return out->error ? -1 : 0;
}

enum dfota_error dfota_json_finish(struct dfota_json_writer *json,
                                   struct dfota_buffer *out,
                                   struct dfota_fault *fault)
{
    const size_t flags =
        JSON_INDENT(2) | JSON_REAL_PRECISION(6) | JSON_ENCODE_ANY;
    size_t before = out->size;
    enum dfota_error err;

    if (json->depth > 0 || json->root == NULL)
        fail(json, DFOTA_ERR_USAGE);
    if (!json->error && json_dump_callback(json->root, append, out, flags) != 0)
        fail(json, out->error ? out->error : DFOTA_ERR_MEMORY);
    if (!json->error && append("\n", 1, out) != 0)
        fail(json, out->error);
    err = json->error;
    dfota_json_discard(json);
    if (err) {
        out->size = before;
        return dfota_fail(fault, err, DFOTA_NO_OFFSET, NULL);
    }
    return DFOTA_OK;
}

void dfota_json_discard(struct dfota_json_writer *json)
{
    json_decref(json->root);
    *json = (struct dfota_json_writer){0};
}

/* --- reading ----------------------------------------------------------- */

static const json_t *native(const struct dfota_json_value *value)
{
    return (const json_t *)value;
}

enum dfota_error dfota_json_parse(struct dfota_view text, const char *rule,
                                  struct dfota_json_value **root,
                                  struct dfota_fault *fault)
{
    const char *data = text.data != NULL ? (const char *)text.data : "";
    json_error_t error;
    json_t *value = json_loadb(
        data, text.size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

    /* jansson that had no memory to begin leaves text empty, code unset. */
    if (value == NULL && (error.text[0] == '\0' ||
                          json_error_code(&error) == json_error_out_of_memory))
        return dfota_fail_memory(fault);
    if (value == NULL)
        return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT,
                                 (uint64_t)error.position, rule, "%s",
                                 error.text);
    *root = (struct dfota_json_value *)value;
    return DFOTA_OK;
}

void dfota_json_free(struct dfota_json_value *root)
{
    json_decref((json_t *)root);
}

/* The value of a lower-case hex digit, or 16 for what is none. */
static unsigned hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    return 16;
}

/* The number that `value` is or, where a size may stand, spells. */
static bool read_number(const json_t *value,
                        const struct dfota_json_field *field, uint64_t *out)
{
    if (field->kind == DFOTA_JSON_SIZE && json_is_string(value))
        return dfota_size_parse(json_string_value(value), out) &&
               *out <= field->max;
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *out = (uint64_t)json_integer_value(value);
    return *out <= field->max;
}

/* Reads a string of exactly `size` bytes in hex, unless `out` is NULL. */
static bool read_hex(const json_t *value, uint64_t size, uint8_t *out)
{
    const char *text = json_string_value(value);

    if (text == NULL || json_string_length(value) != 2 * size)
        return false;
    for (size_t i = 0; i < 2 * size; i++)
        if (hex_value(text[i]) > 15)
            return false;
    for (size_t i = 0; out != NULL && i < size; i++)
        out[i] =
            (uint8_t)(hex_value(text[2 * i]) << 4 | hex_value(text[2 * i + 1]));
    return true;
}

/*
 * Stores `value` at `out`, unless NULL, if it is what `field` wants.  The
 * members of a struct are left to the caller.
 */
static bool read_value(const json_t *value,
                       const struct dfota_json_field *field, char *out)
{
    const void *from = NULL;
    size_t size = 0;
    uint64_t number;
    uint32_t crc32 = 0;
    bool fits = false;

    switch (field->kind) {
    case DFOTA_JSON_TEXT:
        from = json_string_value(value);
        size = json_string_length(value) + 1;
        fits = from != NULL && size - 1 <= field->max;
        break;
    case DFOTA_JSON_NUMBER:
    case DFOTA_JSON_SIZE:
        from = &number;
        size = sizeof(number);
        fits = read_number(value, field, &number);
        break;
    case DFOTA_JSON_HEX:
        return read_hex(value, field->max, (uint8_t *)out);
    case DFOTA_JSON_CRC32:
        from = &crc32;
        size = sizeof(crc32);
        fits = read_hex(value, sizeof(crc32), NULL);
        if (fits)
            crc32 = (uint32_t)strtoul(json_string_value(value), NULL, 16);
        break;
    case DFOTA_JSON_STRUCT:
        return json_is_object(value);
    case DFOTA_JSON_OBJECT:
        from = &value;
        size = sizeof(void *);
        fits = json_is_object(value);
        break;
    case DFOTA_JSON_ARRAY:
        from = &value;
        size = sizeof(void *);
        fits = json_is_array(value) && json_array_size(value) <= field->max;
        break;
    }
    if (fits && out != NULL)
        memcpy(out, from, size);
    return fits;
}

static enum dfota_error refuse(struct dfota_fault *fault, const char *rule,
                               const char *key, const char *what)
{
    return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET, rule,
                             "\"%s\" %s", key, what);
}

/* Refuses keys that are not in the table. */
static enum dfota_error check_keys(const json_t *object,
                                   const struct dfota_json_field *fields,
                                   const char *rule, struct dfota_fault *fault)
{
    json_t *keys = (json_t *)object; /* iterating changes nothing */
    void *at = json_object_iter(keys);

    for (; at != NULL; at = json_object_iter_next(keys, at)) {
        const char *key = json_object_iter_key(at);
        const struct dfota_json_field *f = fields;

        while (f->name != NULL && strcmp(f->name, key) != 0)
            f++;
        if (f->name == NULL)
            return refuse(fault, rule, key, "is unknown");
    }
    return DFOTA_OK;
}

/* Checks the members in the table and, unless `out` is NULL, stores them. */
static enum dfota_error read_members(const json_t *object,
                                     const struct dfota_json_field *fields,
                                     const char *rule, char *out,
                                     struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;

    for (const struct dfota_json_field *f = fields; f->name && !err; f++) {
        const json_t *value = json_object_get(object, f->name);
        char *to = out != NULL ? out + f->at : NULL;

        if (value == NULL && !f->optional)
            return refuse(fault, rule, f->name, "is missing");
        if (value == NULL || (f->nullable && json_is_null(value)))
            continue;
        if (!read_value(value, f, to))
            return refuse(fault, rule, f->name, "has a wrong value");
        if (f->kind == DFOTA_JSON_STRUCT)
            err = check_keys(value, f->members, rule, fault);
        if (f->kind == DFOTA_JSON_STRUCT && !err)
            err = read_members(value, f->members, rule, to, fault);
    }
    return err;
}

enum dfota_error dfota_json_some_fields(const struct dfota_json_value *object,
                                        const struct dfota_json_field *fields,
                                        const char *rule, void *out,
                                        struct dfota_fault *fault)
{
    enum dfota_error err;

    if (!json_is_object(native(object)))
        return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET,
                                 rule, "an object is wanted");
    err = read_members(native(object), fields, rule, NULL, fault);
    return err ? err : read_members(native(object), fields, rule, out, fault);
}

enum dfota_error dfota_json_fields(const struct dfota_json_value *object,
                                   const struct dfota_json_field *fields,
                                   const char *rule, void *out,
                                   struct dfota_fault *fault)
{
    enum dfota_error err = check_keys(native(object), fields, rule, fault);

    return err ? err : dfota_json_some_fields(object, fields, rule, out, fault);
}

size_t dfota_json_count(const struct dfota_json_value *array)
{
    return json_array_size(native(array));
}

const struct dfota_json_value *
dfota_json_item(const struct dfota_json_value *array, size_t index)
{
    return (const struct dfota_json_value *)json_array_get(native(array),
                                                           index);
}
