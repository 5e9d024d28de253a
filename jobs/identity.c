/* SPDX-License-Identifier: MIT */
#include "jobs/identity.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/fault.h"

#define SHOWN_MAX 4 /* versions that a reason lists */

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

/* The distinct versions in all parts, at most SHOWN_MAX. */
static size_t search(const struct dfota_identity_source *source,
                     struct dfota_version *found)
{
    size_t count = 0;

    for (size_t i = 0; i < source->part_count; i++) {
        struct dfota_version_match matches[SHOWN_MAX];
        size_t here = dfota_version_find(
            source->parts[i].data, source->parts[i].size, matches, SHOWN_MAX);

        for (size_t m = 0; m < here && count < SHOWN_MAX; m++) {
            bool known = false;

            for (size_t k = 0; k < count; k++)
                known |= strcmp(found[k].text, matches[m].version.text) == 0;
            if (!known)
                found[count++] = matches[m].version;
        }
    }
    return count;
}

/* Says why there is not exactly one version. */
static void explain(const char *path, const struct dfota_version *found,
                    size_t count, char *reason)
{
    const char *slash = strrchr(path, '/');
    int used =
        snprintf(reason, DFOTA_NOTE_SIZE, "%s holds %s",
                 slash != NULL ? slash + 1 : path,
                 count == 0 ? "no version string" : "several version strings:");

    for (size_t i = 0; i < count && used > 0 && used < DFOTA_NOTE_SIZE; i++)
        used += snprintf(reason + used, (size_t)(DFOTA_NOTE_SIZE - used), " %s",
                         found[i].text);
}

static enum dfota_error find_one(const struct dfota_identity_source *source,
                                 struct dfota_version *out, bool *known,
                                 char *reason, struct dfota_fault *fault)
{
    struct dfota_version found[SHOWN_MAX];
    size_t count;

    *known = true;
    if (source->given != NULL)
        return parse_given(source->given, out, fault);
    count = search(source, found);
    *known = count == 1;
    if (count == 1)
        *out = found[0];
    else
        explain(source->path, found, count, reason);
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
