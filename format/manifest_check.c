/* SPDX-License-Identifier: MIT */
/* manifest_check.c - rules on a manifest that was read, or is to be written */
#include <string.h>

#include "format/manifest.h"
#include "lib/base/fault.h"

/* --- what it comes to --------------------------------------------------- */

uint64_t dfota_manifest_space(const struct dfota_manifest *manifest)
{
    uint64_t most = 0;

    for (size_t i = 0; i < manifest->partition_count; i++) {
        const struct dfota_manifest_partition *p = &manifest->partitions[i];
        uint64_t need = p->unchanged        ? 0
                        : p->order.in_place ? p->order.scratch
                                            : p->new_image.size;

        if (need > most)
            most = need;
    }
    return most;
}

size_t dfota_manifest_delta_count(const struct dfota_manifest *manifest)
{
    size_t count = 0;

    for (size_t i = 0; i < manifest->partition_count; i++)
        count += !manifest->partitions[i].unchanged;
    return count;
}

/* --- rules --------------------------------------------------------------- */

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

/* True for a partition that says the same of old and new, and no more. */
static bool is_unchanged(const struct dfota_manifest_partition *partition)
{
    static const struct dfota_digests none = {0};
    const struct dfota_manifest_order *order = &partition->order;

    return dfota_digests_same(&partition->old_image, &partition->new_image) &&
           dfota_digests_same(&partition->delta, &none) &&
           partition->codec[0] == '\0' && partition->ram == 0 &&
           !order->in_place && order->sector == 0 && order->scratch == 0;
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
    if (p->unchanged)
        return is_unchanged(p) ? DFOTA_OK : refuse(fault, "MAN-15", p->name);
    if (!is_plain(p->codec))
        return refuse(fault, "MAN-13", p->codec);
    if (p->order.in_place ? p->order.sector == 0
                          : p->order.sector != 0 || p->order.scratch != 0)
        return refuse(fault, "MAN-14", p->name);
    return DFOTA_OK;
}

enum dfota_error dfota_manifest_check_count(size_t count,
                                            struct dfota_fault *fault)
{
    if (count == 0 || count > DFOTA_MANIFEST_PARTITIONS_MAX)
        return dfota_fail_detail(fault, DFOTA_ERR_CORRUPT, DFOTA_NO_OFFSET,
                                 "MAN-10", "%zu partitions", count);
    return DFOTA_OK;
}

enum dfota_error dfota_manifest_check(const struct dfota_manifest *manifest,
                                      struct dfota_fault *fault)
{
    enum dfota_error err = check_identity(manifest, fault);

    if (!err)
        err = dfota_manifest_check_count(manifest->partition_count, fault);
    for (size_t i = 0; !err && i < manifest->partition_count; i++)
        err = check_partition(manifest, i, fault);
    return err;
}
