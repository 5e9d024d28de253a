/* SPDX-License-Identifier: MIT */
/* json_put.c - a struct as members of a JSON object, by the reader's table */
#include <string.h>

#include "lib/base/json.h"

static void put_field(struct dfota_json_writer *json,
                      const struct dfota_json_field *field, const char *in)
{
    uint64_t number;
    uint32_t crc32;

    switch (field->kind) {
    case DFOTA_JSON_TEXT:
        dfota_json_string(json, field->name, in);
        break;
    case DFOTA_JSON_NUMBER:
    case DFOTA_JSON_SIZE:
        memcpy(&number, in, sizeof(number));
        dfota_json_number(json, field->name, number);
        break;
    case DFOTA_JSON_HEX:
        dfota_json_hex(json, field->name, (const uint8_t *)in,
                       (size_t)field->max);
        break;
    case DFOTA_JSON_CRC32:
        memcpy(&crc32, in, sizeof(crc32));
        dfota_json_crc32(json, field->name, crc32);
        break;
    case DFOTA_JSON_STRUCT:
        dfota_json_begin_object(json, field->name);
        dfota_json_put_fields(json, field->members, in);
        dfota_json_end(json);
        break;
    case DFOTA_JSON_OBJECT:
    case DFOTA_JSON_ARRAY:
        break;
    }
}

void dfota_json_put_fields(struct dfota_json_writer *json,
                           const struct dfota_json_field *fields,
                           const void *in)
{
    for (; fields->name != NULL; fields++)
        put_field(json, fields, (const char *)in + fields->at);
}
