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
    DIGESTS(delta, "delta"),
    FIELD(struct partition_record, partition.codec, "codec", DFOTA_JSON_TEXT,
          DFOTA_MANIFEST_CODEC_MAX),
    FIELD(struct partition_record, partition.ram, "ram", DFOTA_JSON_NUMBER,
          UINT32_MAX),
    FIELD(struct partition_record, order, "order", DFOTA_JSON_OBJECT, 0),
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

/* --- rules on what has been read, or is to be written ------------------- */

static enum dfota_error refuse(struct dfota_fault *fault, const char *rule,
                               const char *what)
{
    return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET, rule,
                             "\"%s\"", what);
}

/* True for one or more ASCII letters, digits, '_' and '-'. */
static bool is_plain(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    return text[0] != '\0' && text[strspn(text, plain)] == '\0';
}

/* True for one or more printable ASCII characters. */
static bool is_printable(const char *text)
{
    const char *c = text;

    while (*c >= 0x20 && *c < 0x7f)
        c++;
    return c != text && *c == '\0';
}

static bool is_sound(const struct dfota_manifest_identity *identity)
{
    size_t project = strlen(identity->project);
    size_t baseline = strlen(identity->baseline);

    return is_printable(identity->version) && is_printable(identity->project) &&
           is_printable(identity->baseline) &&
           strncmp(identity->version, identity->project, project) == 0 &&
           strncmp(identity->version + project, identity->baseline, baseline) ==
               0;
}

static enum dfota_error check_identity(const struct dfota_manifest *manifest,
                                       struct dfota_fault *fault)
{
    const char *family = dfota_family_name(manifest->family);

    if (family == NULL)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET, "MAN-6");
    if (!manifest->has_identity)
        return manifest->family == DFOTA_FAMILY_LTE_STANDARD_A
                   ? DFOTA_OK
                   : refuse(fault, "MAN-8", family);
    if (!is_sound(&manifest->from))
        return refuse(fault, "MAN-9", manifest->from.version);
    if (!is_sound(&manifest->to))
        return refuse(fault, "MAN-9", manifest->to.version);
    return DFOTA_OK;
}

static bool fit_32_bits(const struct dfota_manifest_partition *partition)
{
    uint64_t all = partition->address | partition->old_image.size |
                   partition->new_image.size | partition->delta.size |
                   partition->ram | partition->order.sector |
                   partition->order.scratch;

    return all <= UINT32_MAX;
}

static enum dfota_error check_partition(const struct dfota_manifest *manifest,
                                        size_t index, struct dfota_fault *fault)
{
    const struct dfota_manifest_partition *p = &manifest->partitions[index];

    if (!fit_32_bits(p))
        return refuse(fault, "MAN-5", p->name);
    if (!is_plain(p->name))
        return refuse(fault, "MAN-11", p->name);
    for (size_t i = 0; i < index; i++)
        if (strcmp(manifest->partitions[i].name, p->name) == 0)
            return refuse(fault, "MAN-12", p->name);
    if (!is_plain(p->codec))
        return refuse(fault, "MAN-13", p->codec);
    if (p->order.in_place ? p->order.sector == 0
                          : p->order.sector != 0 || p->order.scratch != 0)
        return refuse(fault, "MAN-14", p->name);
    return DFOTA_OK;
}

static enum dfota_error check_count(size_t count, struct dfota_fault *fault)
{
    if (count == 0 || count > DFOTA_MANIFEST_PARTITIONS_MAX)
        return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET,
                                 "MAN-10", "%zu partitions", count);
    return DFOTA_OK;
}

static enum dfota_error check(const struct dfota_manifest *manifest,
                              struct dfota_fault *fault)
{
    enum dfota_error err = check_identity(manifest, fault);

    if (!err)
        err = check_count(manifest->partition_count, fault);
    for (size_t i = 0; !err && i < manifest->partition_count; i++)
        err = check_partition(manifest, i, fault);
    return err;
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

static enum dfota_error read_partitions(const struct dfota_json_value *values,
                                        struct dfota_manifest *manifest,
                                        struct dfota_fault *fault)
{
    size_t count = dfota_json_count(values);
    enum dfota_error err = check_count(count, fault);

    for (size_t i = 0; !err && i < count; i++) {
        struct partition_record record = {0};

        err = dfota_json_fields(dfota_json_item(values, i), partition_fields,
                                "MAN-5", &record, fault);
        if (!err)
            err = read_order(record.order, &record.partition.order, fault);
        manifest->partitions[i] = record.partition;
    }
    manifest->partition_count = count;
    return err;
}

static enum dfota_error read_document(const struct dfota_json_value *root,
                                      struct dfota_manifest *manifest,
                                      struct dfota_fault *fault)
{
    struct document document = {0};
    enum dfota_error err = read_head(root, fault);

    if (!err)
        err =
            dfota_json_fields(root, document_fields, "MAN-5", &document, fault);
    if (err)
        return err;
    if ((document.from == NULL) != (document.to == NULL))
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET, "MAN-7");
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
    enum dfota_error err;

    if (text.size > DFOTA_MANIFEST_TEXT_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_MANIFEST_TEXT_MAX,
                          "MAN-1");
    err = dfota_json_parse(text, "MAN-2", &root, fault);
    if (!err)
        err = read_document(root, &manifest, fault);
    if (!err)
        err = check(&manifest, fault);
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
    struct document document = {FORMAT, DFOTA_MANIFEST_VERSION, "", NULL, NULL,
                                NULL};
    struct dfota_json_writer json = {0};
    enum dfota_error err = check(manifest, fault);

    if (err)
        return err;
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
