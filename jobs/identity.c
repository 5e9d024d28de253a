/* SPDX-License-Identifier: MIT */
#include "jobs/identity.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/fault.h"

static enum dfota_error parse_given(const char *given,
                                    struct dfota_version *out,
                                    struct dfota_fault *fault)
{
    struct dfota_fault cause = {0};
    enum dfota_error err =
        dfota_version_parse(given, strlen(given), out, &cause);

    if (err)
        dfota_fail_detail(fault, err, cause.offset, cause.rule, "\"%s\"",
                          given);
    return err;
}

static bool has(const struct dfota_versions *versions,
                const struct dfota_version *version)
{
    for (size_t i = 0; i < versions->count; i++)
        if (strcmp(versions->items[i].text, version->text) == 0)
            return true;
    return false;
}

void dfota_versions_search(struct dfota_versions *versions,
                           struct dfota_view part)
{
    struct dfota_version_match matches[DFOTA_VERSIONS_MAX];
    size_t count =
        dfota_version_find(part.data, part.size, matches, DFOTA_VERSIONS_MAX);

    for (size_t i = 0; i < count && versions->count < DFOTA_VERSIONS_MAX; i++)
        if (!has(versions, &matches[i].version))
            versions->items[versions->count++] = matches[i].version;
}

/* Whether a version string, or its suffix, may have that byte in it. */
static bool may_go_on(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == '.' || byte == '_';
}

/* Keeps bytes of a string that may go on.  Of one that is longer than the
 * window only that it does is kept: it is no version. */
static void keep(struct dfota_version_search *search, const uint8_t *bytes,
                 size_t size)
{
    if (size > sizeof(search->window) - search->used)
        search->skipping = true;
    if (search->skipping)
        return;
    memcpy(search->window + search->used, bytes, size);
    search->used += size;
}

void dfota_version_search_finish(struct dfota_version_search *search)
{
    if (!search->skipping)
        dfota_versions_search(
            search->found, (struct dfota_view){search->window, search->used});
    search->skipping = false;
    search->used = 0;
}

void dfota_version_search_add(struct dfota_version_search *search,
                              const uint8_t *bytes, size_t size)
{
    size_t begin = 0;
    size_t end = size;

    if (search->used > 0 || search->skipping) {
        while (begin < size && may_go_on(bytes[begin]))
            begin++;
        keep(search, bytes, begin);
        if (begin == size)
            return;
        dfota_version_search_finish(search);
    }
    while (end > begin && may_go_on(bytes[end - 1]))
        end--;
    dfota_versions_search(search->found,
                          (struct dfota_view){bytes + begin, end - begin});
    keep(search, bytes + end, size - end);
}

/* Says why there is not exactly one version. */
static void explain(const char *path, const struct dfota_versions *found,
                    char *reason)
{
    const char *slash = strrchr(path, '/');
    size_t count = found->count;
    int used =
        snprintf(reason, DFOTA_NOTE_SIZE, "%s holds %s",
                 slash != NULL ? slash + 1 : path,
                 count == 0 ? "no version string" : "several version strings:");

    for (size_t i = 0; i < count && used > 0 && used < DFOTA_NOTE_SIZE; i++)
        used += snprintf(reason + used, (size_t)(DFOTA_NOTE_SIZE - used), " %s",
                         found->items[i].text);
}

static enum dfota_error find_one(const struct dfota_identity_source *source,
                                 struct dfota_version *out, bool *known,
                                 char *reason, struct dfota_fault *fault)
{
    *known = true;
    if (source->given != NULL)
        return parse_given(source->given, out, fault);
    *known = source->found->count == 1;
    if (*known)
        *out = source->found->items[0];
    else
        explain(source->path, source->found, reason);
    return DFOTA_OK;
}

enum dfota_error dfota_identity_find(const struct dfota_identity_source *from,
                                     const struct dfota_identity_source *to,
                                     struct dfota_identity *out,
                                     struct dfota_fault *fault)
{
    struct dfota_identity identity = {0};
    bool known_from;
    bool known_to;
    enum dfota_error err;

    err = find_one(to, &identity.to, &known_to, identity.reason, fault);
    if (!err)
        err =
            find_one(from, &identity.from, &known_from, identity.reason, fault);
    if (err)
        return err;
    identity.known = known_from && known_to;
    *out = identity;
    return DFOTA_OK;
}
