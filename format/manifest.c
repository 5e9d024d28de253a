/* SPDX-License-Identifier: MIT */
#include "format/manifest.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/fault.h"
#include "lib/base/json.h"

#define FORMAT     "dfota"
#define SEQUENTIAL "sequential"
#define IN_PLACE   "in-place"

#define KIND_MAX   16 /* characters of an order's kind */
#define FAMILY_MAX 16 /* characters of a family's name */
#define ABSENT     UINT64_MAX

/* The outermost object; its values belong to the JSON document. */
struct document {
    char format[sizeof(FORMAT)];
    uint64_t version;
    char family[FAMILY_MAX + 1];
    uint64_t space;
    const struct dfota_json_value *from;
    const struct dfota_json_value *to;
    const struct dfota_json_value *partitions;
};

struct order_record {
    char kind[KIND_MAX + 1];
    uint64_t sector;
    uint64_t scratch;
};

/* A partition and the object in it that no table describes. */
struct partition_record {
    struct dfota_manifest_partition partition;
    const struct dfota_json_value *order;
};

/* --- one table an object, for the reader and the writer ----------------- */

#define FIELD(type, member, key, of_kind, limit)                               \
    {                                                                          \
        .name = (key), .kind = (of_kind), .max = (limit),                      \
        .at = offsetof(type, member)                                           \
    }

#define TEXT(type, member, length)                                             \
    FIELD(type, member, #member, DFOTA_JSON_TEXT, length)

#define NUMBER(type, member)                                                   \
    FIELD(type, member, #member, DFOTA_JSON_NUMBER, UINT32_MAX)

#define DIGESTS(member, key)                                                   \
    {                                                                          \
        .name = (key), .kind = DFOTA_JSON_STRUCT, .members = digests_fields,   \
        .at = offsetof(struct partition_record, partition.member)              \
    }

static const struct dfota_json_field format_fields[] = {
    TEXT(struct document, format, sizeof(FORMAT) - 1),
    {0},
};

static const struct dfota_json_field version_fields[] = {
    FIELD(struct document, version, "version", DFOTA_JSON_NUMBER, INT64_MAX),
    {0},
};

static const struct dfota_json_field document_fields[] = {
    TEXT(struct document, format, sizeof(FORMAT) - 1),
    NUMBER(struct document, version),
    TEXT(struct document, family, FAMILY_MAX),
    NUMBER(struct document, space),
    {"from", DFOTA_JSON_OBJECT, 0, offsetof(struct document, from), true, false,
     NULL},
    {"to", DFOTA_JSON_OBJECT, 0, offsetof(struct document, to), true, false,
     NULL},
    FIELD(struct document, partitions, "partitions", DFOTA_JSON_ARRAY,
          UINT32_MAX),
    {0},
};

static const struct dfota_json_field identity_fields[] = {
    TEXT(struct dfota_manifest_identity, version, DFOTA_MANIFEST_VERSION_MAX),
    TEXT(struct dfota_manifest_identity, project, DFOTA_MANIFEST_VERSION_MAX),
    TEXT(struct dfota_manifest_identity, baseline, DFOTA_MANIFEST_VERSION_MAX),
    {0},
};

static const struct dfota_json_field digests_fields[] = {
    NUMBER(struct dfota_digests, size),
    FIELD(struct dfota_digests, crc32, "crc32", DFOTA_JSON_CRC32, 0),
    FIELD(struct dfota_digests, md5, "md5", DFOTA_JSON_HEX, DFOTA_MD5_SIZE),
    FIELD(struct dfota_digests, sha256, "sha256", DFOTA_JSON_HEX,
          DFOTA_SHA256_SIZE),
    {0},
};

static const struct dfota_json_field partition_fields[] = {
    FIELD(struct partition_record, partition.name, "name", DFOTA_JSON_TEXT,
          DFOTA_MANIFEST_NAME_MAX),
    FIELD(struct partition_record, partition.address, "address",
          DFOTA_JSON_NUMBER, UINT32_MAX),
    DIGESTS(old_image, "old"),
    DIGESTS(new_image, "new"),
    {"delta", DFOTA_JSON_STRUCT, 0,
     offsetof(struct partition_record, partition.delta), true, false,
     digests_fields},
    {"codec", DFOTA_JSON_TEXT, DFOTA_MANIFEST_CODEC_MAX,
     offsetof(struct partition_record, partition.codec), true, false, NULL},
    FIELD(struct partition_record, partition.ram, "ram", DFOTA_JSON_NUMBER,
          UINT32_MAX),
    {"order", DFOTA_JSON_OBJECT, 0, offsetof(struct partition_record, order),
     true, false, NULL},
    {0},
};

/* What is left of them for a partition without delta. */
static const struct dfota_json_field unchanged_fields[] = {
    FIELD(struct partition_record, partition.name, "name", DFOTA_JSON_TEXT,
          DFOTA_MANIFEST_NAME_MAX),
    FIELD(struct partition_record, partition.address, "address",
          DFOTA_JSON_NUMBER, UINT32_MAX),
    DIGESTS(old_image, "old"),
    DIGESTS(new_image, "new"),
    {0},
};

/* The sizes come with "in-place" and with nothing else. */
static const struct dfota_json_field order_fields[] = {
    TEXT(struct order_record, kind, KIND_MAX),
    {"sector", DFOTA_JSON_NUMBER, UINT32_MAX,
     offsetof(struct order_record, sector), false, true, NULL},
    {"scratch", DFOTA_JSON_NUMBER, UINT32_MAX,
     offsetof(struct order_record, scratch), false, true, NULL},
    {0},
};

static enum dfota_error refuse(struct dfota_fault *fault, const char *rule,
                               const char *what)
{
    return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET, rule,
                             "\"%s\"", what);
}

/* --- reading ------------------------------------------------------------ */

/* Tells whose document it is, and of which version, before anything else. */
static enum dfota_error read_head(const struct dfota_json_value *root,
                                  struct dfota_fault *fault)
{
    struct document head = {0};
    enum dfota_error err;

    if (dfota_json_some_fields(root, format_fields, "MAN-3", &head, fault) ||
        strcmp(head.format, FORMAT) != 0)
        return dfota_fail(fault, DFOTA_ERR_FORMAT, DFOTA_NO_OFFSET, "MAN-3");
    err = dfota_json_some_fields(root, version_fields, "MAN-5", &head, fault);
    if (err)
        return err;
    if (head.version != DFOTA_MANIFEST_VERSION)
        return dfota_fail_detail(fault,
                                 head.version == 0 ? DFOTA_ERR_CORRUPT
                                                   : DFOTA_ERR_UNSUPPORTED,
                                 DFOTA_NO_OFFSET, "MAN-4", "version %llu",
                                 (unsigned long long)head.version);
    return DFOTA_OK;
}

static enum dfota_error read_order(const struct dfota_json_value *value,
                                   struct dfota_manifest_order *out,
                                   struct dfota_fault *fault)
{
    struct order_record record = {.sector = ABSENT, .scratch = ABSENT};
    enum dfota_error err =
        dfota_json_fields(value, order_fields, "MAN-5", &record, fault);
    bool in_place = strcmp(record.kind, IN_PLACE) == 0;

    if (err)
        return err;
    if (!in_place && strcmp(record.kind, SEQUENTIAL) != 0)
        return refuse(fault, "MAN-14", record.kind);
    if ((record.sector != ABSENT) != in_place ||
        (record.scratch != ABSENT) != in_place)
        return refuse(fault, "MAN-14", record.kind);
    out->in_place = in_place;
    out->sector = in_place ? record.sector : 0;
    out->scratch = in_place ? record.scratch : 0;
    return DFOTA_OK;
}

/* A partition without delta has no order either. */
static enum dfota_error read_partition(const struct dfota_json_value *value,
                                       struct dfota_manifest_partition *out,
                                       struct dfota_fault *fault)
{
    struct partition_record record = {.partition.delta.size = ABSENT};
    enum dfota_error err =
        dfota_json_fields(value, partition_fields, "MAN-5", &record, fault);

    if (err)
        return err;
    *out = record.partition;
    out->unchanged = out->delta.size == ABSENT;
    if (out->unchanged)
        out->delta.size = 0;
    if (out->unchanged != (record.order == NULL))
        return refuse(fault, "MAN-15", out->name);
    return out->unchanged ? DFOTA_OK
                          : read_order(record.order, &out->order, fault);
}

static enum dfota_error read_partitions(const struct dfota_json_value *values,
                                        struct dfota_manifest *manifest,
                                        struct dfota_fault *fault)
{
    size_t count = dfota_json_count(values);
    enum dfota_error err = dfota_manifest_check_count(count, fault);

    for (size_t i = 0; !err && i < count; i++)
        err = read_partition(dfota_json_item(values, i),
                             &manifest->partitions[i], fault);
    manifest->partition_count = count;
    return err;
}

static enum dfota_error read_document(const struct dfota_json_value *root,
                                      struct dfota_manifest *manifest,
                                      uint64_t *space,
                                      struct dfota_fault *fault)
{
    struct document document = {0};
    enum dfota_error err = read_head(root, fault);

    *space = 0;
    if (!err)
        err =
            dfota_json_fields(root, document_fields, "MAN-5", &document, fault);
    if (err)
        return err;
    if ((document.from == NULL) != (document.to == NULL))
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET, "MAN-7");
    *space = document.space;
    manifest->family = dfota_family_find(document.family);
    if (manifest->family == DFOTA_FAMILY_NONE)
        return refuse(fault, "MAN-6", document.family);
    manifest->has_identity = document.from != NULL;
    if (manifest->has_identity)
        err = dfota_json_fields(document.from, identity_fields, "MAN-5",
                                &manifest->from, fault);
    if (manifest->has_identity && !err)
        err = dfota_json_fields(document.to, identity_fields, "MAN-5",
                                &manifest->to, fault);
    return err ? err : read_partitions(document.partitions, manifest, fault);
}

enum dfota_error dfota_manifest_read(struct dfota_view text,
                                     struct dfota_manifest *out,
                                     struct dfota_fault *fault)
{
    struct dfota_manifest manifest = {0};
    struct dfota_json_value *root = NULL;
    uint64_t space;
    enum dfota_error err;

    if (text.size > DFOTA_MANIFEST_TEXT_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_MANIFEST_TEXT_MAX,
                          "MAN-1");
    err = dfota_json_parse(text, "MAN-2", &root, fault);
    if (!err)
        err = read_document(root, &manifest, &space, fault);
    if (!err)
        err = dfota_manifest_check(&manifest, fault);
    if (!err && space != dfota_manifest_space(&manifest))
        err = dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET,
                                "MAN-16", "%llu bytes",
                                (unsigned long long)space);
    if (!err)
        *out = manifest;
    dfota_json_free(root);
    return err;
}

/* --- writing ------------------------------------------------------------ */

static void put_identity(struct dfota_json_writer *json, const char *key,
                         const struct dfota_manifest_identity *identity)
{
    dfota_json_begin_object(json, key);
    dfota_json_put_fields(json, identity_fields, identity);
    dfota_json_end(json);
}

static void put_partition(struct dfota_json_writer *json,
                          const struct dfota_manifest_partition *partition)
{
    struct partition_record record = {.partition = *partition};
    const struct dfota_manifest_order *order = &partition->order;

    dfota_json_begin_object(json, NULL);
    if (partition->unchanged) {
        dfota_json_put_fields(json, unchanged_fields, &record);
        dfota_json_null(json, "delta");
        dfota_json_null(json, "codec");
        dfota_json_number(json, "ram", 0);
        dfota_json_null(json, "order");
        dfota_json_end(json);
        return;
    }
    dfota_json_put_fields(json, partition_fields, &record);
    dfota_json_begin_object(json, "order");
    dfota_json_string(json, "kind", order->in_place ? IN_PLACE : SEQUENTIAL);
    if (order->in_place) {
        dfota_json_number(json, "sector", order->sector);
        dfota_json_number(json, "scratch", order->scratch);
    }
    dfota_json_end(json);
    dfota_json_end(json);
}

enum dfota_error dfota_manifest_write(const struct dfota_manifest *manifest,
                                      struct dfota_buffer *out,
                                      struct dfota_fault *fault)
{
    struct document document = {.format = FORMAT,
                                .version = DFOTA_MANIFEST_VERSION};
    struct dfota_json_writer json = {0};
    enum dfota_error err = dfota_manifest_check(manifest, fault);

    if (err)
        return err;
    document.space = dfota_manifest_space(manifest);
    snprintf(document.family, sizeof(document.family), "%s",
             dfota_family_name(manifest->family));
    dfota_json_begin_object(&json, NULL);
    dfota_json_put_fields(&json, document_fields, &document);
    if (manifest->has_identity) {
        put_identity(&json, "from", &manifest->from);
        put_identity(&json, "to", &manifest->to);
    } else {
        dfota_json_null(&json, "from");
        dfota_json_null(&json, "to");
    }
    dfota_json_begin_array(&json, "partitions");
    for (size_t i = 0; i < manifest->partition_count; i++)
        put_partition(&json, &manifest->partitions[i]);
    dfota_json_end(&json);
    dfota_json_end(&json);
    return dfota_json_finish(&json, out, fault);
}
