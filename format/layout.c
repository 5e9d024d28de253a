/* SPDX-License-Identifier: MIT */
#include "format/layout.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format/layout_compressed.h"
#include "lib/base/fault.h"
#include "lib/base/json.h"

#define PROGRAM_UNIT_MAX 32  /* bytes */
#define ERASED           255 /* what NOR flash reads as, unless told otherwise */
#define ROLE_MAX         32  /* characters, so that a typo is named as one */
#define WHOLE_IMAGE      "image" /* names the partition of no layout */

/* The outermost object; the arrays belong to the JSON document. */
struct document {
    struct dfota_layout_flash flash;
    const struct dfota_json_value *partitions;
    const struct dfota_json_value *compressed; /* or NULL */
};

struct partition_record {
    struct dfota_layout_partition partition;
    char role[ROLE_MAX + 1];
};

/* --- one table an object ------------------------------------------------ */

/* Numbers are as large as JSON has them; the rules below say what is sound. */
#define NEEDED(type, member, key, of_kind, limit)                              \
    {                                                                          \
        .name = (key), .kind = (of_kind), .max = (limit),                      \
        .at = offsetof(type, member)                                           \
    }

#define FLASH(member, of_kind, may_lack)                                       \
    {                                                                          \
        .name = #member, .kind = (of_kind), .max = INT64_MAX,                  \
        .at = offsetof(struct dfota_layout_flash, member),                     \
        .optional = (may_lack)                                                 \
    }

static const struct dfota_json_field flash_fields[] = {
    FLASH(size, DFOTA_JSON_SIZE, false),
    FLASH(sector, DFOTA_JSON_SIZE, false),
    FLASH(program_unit, DFOTA_JSON_NUMBER, true),
    FLASH(erased, DFOTA_JSON_NUMBER, true),
    FLASH(scratch, DFOTA_JSON_SIZE, true),
    FLASH(storage, DFOTA_JSON_SIZE, true),
    {0},
};

static const struct dfota_json_field document_fields[] = {
    {.name = "flash",
     .kind = DFOTA_JSON_STRUCT,
     .members = flash_fields,
     .at = offsetof(struct document, flash)},
    NEEDED(struct document, partitions, "partitions", DFOTA_JSON_ARRAY,
           INT64_MAX),
    {.name = "compressed",
     .kind = DFOTA_JSON_ARRAY,
     .max = INT64_MAX,
     .at = offsetof(struct document, compressed),
     .optional = true},
    {0},
};

static const struct dfota_json_field partition_fields[] = {
    NEEDED(struct partition_record, partition.name, "name", DFOTA_JSON_TEXT,
           DFOTA_MANIFEST_NAME_MAX),
    NEEDED(struct partition_record, partition.offset, "offset", DFOTA_JSON_SIZE,
           INT64_MAX),
    NEEDED(struct partition_record, partition.size, "size", DFOTA_JSON_SIZE,
           INT64_MAX),
    NEEDED(struct partition_record, role, "role", DFOTA_JSON_TEXT, ROLE_MAX),
    {0},
};

/* --- rules on the flash ------------------------------------------------- */

static enum dfota_error refuse_number(struct dfota_fault *fault,
                                      enum dfota_error error, const char *rule,
                                      const char *key, uint64_t number)
{
    return dfota_fail_detail(fault, error, DFOTA_NO_OFFSET, rule,
                             "\"%s\": %llu", key, (unsigned long long)number);
}

static bool is_power_of_two(uint64_t number)
{
    return number != 0 && (number & (number - 1)) == 0;
}

static enum dfota_error check_flash(const struct dfota_layout_flash *flash,
                                    struct dfota_fault *fault)
{
    const enum dfota_error corrupt = DFOTA_ERR_CORRUPT;

    if (flash->size == 0)
        return refuse_number(fault, corrupt, "LAY-4", "size", 0);
    if (flash->size > DFOTA_LAYOUT_FLASH_MAX)
        return refuse_number(fault, DFOTA_ERR_LIMIT, "LAY-4", "size",
                             flash->size);
    if (!is_power_of_two(flash->sector) || flash->size % flash->sector != 0)
        return refuse_number(fault, corrupt, "LAY-5", "sector", flash->sector);
    if (!is_power_of_two(flash->program_unit) ||
        flash->program_unit > PROGRAM_UNIT_MAX ||
        flash->program_unit > flash->sector)
        return refuse_number(fault, corrupt, "LAY-6", "program_unit",
                             flash->program_unit);
    if (flash->erased != 0 && flash->erased != ERASED)
        return refuse_number(fault, corrupt, "LAY-7", "erased", flash->erased);
    if (flash->scratch % flash->sector != 0)
        return refuse_number(fault, corrupt, "LAY-8", "scratch",
                             flash->scratch);
    return DFOTA_OK;
}

/* --- rules on partitions ------------------------------------------------ */

static enum dfota_error refuse(struct dfota_fault *fault, const char *rule,
                               const char *name)
{
    return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET, rule,
                             "\"%s\"", name);
}

static enum dfota_error refuse_pair(struct dfota_fault *fault,
                                    enum dfota_error error, const char *rule,
                                    const struct dfota_layout_partition *first,
                                    const struct dfota_layout_partition *second)
{
    return dfota_fail_detail(fault, error, DFOTA_NO_OFFSET, rule,
                             "\"%s\" and \"%s\"", first->name, second->name);
}

/* True for one or more ASCII letters, digits, '_' and '-'. */
static bool is_plain(const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    return name[0] != '\0' && name[strspn(name, plain)] == '\0';
}

/* Where `partition` ends; both numbers are at most INT64_MAX. */
static uint64_t end_of(const struct dfota_layout_partition *partition)
{
    return partition->offset + partition->size;
}

/* By what is said of it alone, or of it and those before it in the file. */
static enum dfota_error check_partition(const struct dfota_layout *layout,
                                        size_t index, struct dfota_fault *fault)
{
    const struct dfota_layout_partition *p = &layout->partitions[index];
    const struct dfota_layout_flash *flash = &layout->flash;

    if (!is_plain(p->name) || strcmp(p->name, WHOLE_IMAGE) == 0)
        return refuse(fault, "LAY-10", p->name);
    for (size_t i = 0; i < index; i++)
        if (strcasecmp(layout->partitions[i].name, p->name) == 0)
            return refuse(fault, "LAY-11", p->name);
    if (p->size == 0)
        return refuse(fault, "LAY-13", p->name);
    if (p->role != DFOTA_LAYOUT_KEEP && p->offset % flash->sector != 0)
        return refuse(fault, "LAY-14", p->name);
    if (p->role != DFOTA_LAYOUT_KEEP && p->size % flash->sector != 0)
        return refuse(fault, "LAY-15", p->name);
    if (end_of(p) > flash->size)
        return refuse(fault, "LAY-16", p->name);
    return DFOTA_OK;
}

/* By what lies next to each other, in the order of the flash. */
static enum dfota_error check_order(const struct dfota_layout *layout,
                                    struct dfota_fault *fault)
{
    for (size_t i = 1; i < layout->partition_count; i++) {
        const struct dfota_layout_partition *p = &layout->partitions[i];
        const struct dfota_layout_partition *before = p - 1;

        if (end_of(before) > p->offset)
            return refuse_pair(fault, DFOTA_ERR_CORRUPT, "LAY-17", before, p);
        if (p->role == before->role && p->role != DFOTA_LAYOUT_KEEP &&
            end_of(before) != p->offset)
            return refuse_pair(fault, DFOTA_ERR_CORRUPT, "LAY-18", before, p);
    }
    if (dfota_layout_next(layout, DFOTA_LAYOUT_UPDATED, NULL) == NULL)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET, "LAY-19");
    return DFOTA_OK;
}

/* --- reading ------------------------------------------------------------ */

static enum dfota_error read_role(const struct partition_record *record,
                                  enum dfota_layout_role *out,
                                  struct dfota_fault *fault)
{
    static const struct {
        const char *name;
        enum dfota_layout_role role;
    } roles[] = {
        {"mini", DFOTA_LAYOUT_MINI},
        {"app", DFOTA_LAYOUT_APP},
        {"keep", DFOTA_LAYOUT_KEEP},
    };

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        if (strcmp(roles[i].name, record->role) == 0) {
            *out = roles[i].role;
            return DFOTA_OK;
        }
    return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET,
                             "LAY-12", "\"%s\" of \"%s\"", record->role,
                             record->partition.name);
}

static enum dfota_error read_partition(const struct dfota_json_value *value,
                                       struct dfota_layout_partition *out,
                                       struct dfota_fault *fault)
{
    struct partition_record record = {0};
    enum dfota_error err =
        dfota_json_fields(value, partition_fields, "LAY-3", &record, fault);

    if (!err)
        err = read_role(&record, &record.partition.role, fault);
    if (!err)
        *out = record.partition;
    return err;
}

static int compare_offsets(const void *left, const void *right)
{
    const struct dfota_layout_partition *a = left;
    const struct dfota_layout_partition *b = right;

    return (a->offset > b->offset) - (a->offset < b->offset);
}

static enum dfota_error read_partitions(const struct dfota_json_value *values,
                                        struct dfota_layout *layout,
                                        struct dfota_fault *fault)
{
    size_t count = dfota_json_count(values);
    enum dfota_error err = DFOTA_OK;

    if (count == 0 || count > DFOTA_MANIFEST_PARTITIONS_MAX)
        return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET,
                                 "LAY-9", "%zu partitions", count);
    for (size_t i = 0; !err && i < count; i++) {
        err = read_partition(dfota_json_item(values, i), &layout->partitions[i],
                             fault);
        if (!err)
            err = check_partition(layout, i, fault);
    }
    if (err)
        return err;
    layout->partition_count = count;
    qsort(layout->partitions, count, sizeof(layout->partitions[0]),
          compare_offsets);
    return check_order(layout, fault);
}

static enum dfota_error read_document(const struct dfota_json_value *root,
                                      struct dfota_layout *layout,
                                      struct dfota_fault *fault)
{
    struct document document = {
        .flash = {.program_unit = 1, .erased = ERASED},
    };
    enum dfota_error err =
        dfota_json_fields(root, document_fields, "LAY-3", &document, fault);

    if (!err)
        err = check_flash(&document.flash, fault);
    if (err)
        return err;
    layout->flash = document.flash;
    err = read_partitions(document.partitions, layout, fault);
    if (!err)
        err = dfota_layout_read_compressed(document.compressed, layout, fault);
    return err;
}

enum dfota_error dfota_layout_read(struct dfota_view text,
                                   struct dfota_layout *out,
                                   struct dfota_fault *fault)
{
    struct dfota_layout layout = {0};
    struct dfota_json_value *root = NULL;
    enum dfota_error err;

    if (text.size > DFOTA_LAYOUT_TEXT_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_LAYOUT_TEXT_MAX,
                          "LAY-1");
    err = dfota_json_parse(text, "LAY-2", &root, fault);
    if (!err)
        err = read_document(root, &layout, fault);
    if (!err)
        *out = layout;
    dfota_json_free(root);
    return err;
}

/* --- what a use of it asks for ------------------------------------------ */

enum dfota_error dfota_layout_check_mini(const struct dfota_layout *layout,
                                         struct dfota_fault *fault)
{
    const struct dfota_layout_partition *p =
        dfota_layout_next(layout, DFOTA_LAYOUT_MINI, NULL);
    const struct dfota_layout_partition *next;

    if (p == NULL || dfota_layout_next(layout, DFOTA_LAYOUT_MINI, p) != NULL)
        return dfota_fail_detail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET,
                                 "LAY-20", p == NULL ? "none" : "several");
    p = dfota_layout_next(layout, DFOTA_LAYOUT_APP, NULL);
    if (p == NULL)
        return dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "LAY-21");
    for (; (next = dfota_layout_next(layout, DFOTA_LAYOUT_APP, p)) != NULL;
         p = next)
        if (end_of(p) != next->offset)
            return refuse_pair(fault, DFOTA_ERR_REFUSED, "LAY-22", p, next);
    return DFOTA_OK;
}

enum dfota_error dfota_layout_check_image(const struct dfota_layout *layout,
                                          uint64_t image_size,
                                          struct dfota_fault *fault)
{
    uint64_t flash = layout->flash.size;

    if (image_size == flash)
        return DFOTA_OK;
    return dfota_fail_detail(
        fault, DFOTA_ERR_REFUSED, image_size < flash ? image_size : flash,
        "LAY-23", "%llu bytes instead of %llu", (unsigned long long)image_size,
        (unsigned long long)flash);
}

const struct dfota_layout_partition *
dfota_layout_find(const struct dfota_layout *layout, const char *name)
{
    for (size_t i = 0; i < layout->partition_count; i++)
        if (strcmp(layout->partitions[i].name, name) == 0)
            return &layout->partitions[i];
    return NULL;
}

const struct dfota_layout_partition *
dfota_layout_next(const struct dfota_layout *layout, unsigned roles,
                  const struct dfota_layout_partition *previous)
{
    const struct dfota_layout_partition *p =
        previous != NULL ? previous + 1 : layout->partitions;

    for (; p < layout->partitions + layout->partition_count; p++)
        if ((p->role & roles) != 0)
            return p;
    return NULL;
}

uint64_t dfota_layout_size(const struct dfota_layout *layout, unsigned roles)
{
    const struct dfota_layout_partition *p = NULL;
    uint64_t size = 0;

    while ((p = dfota_layout_next(layout, roles, p)) != NULL)
        size += p->size;
    return size;
}
