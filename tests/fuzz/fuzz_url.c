/* SPDX-License-Identifier: MIT */
/*
 * fuzz_url.c - the parts of a URL are the URL, and one without a failure is
 * short, safe, and of an allowed scheme
 *
 * The first byte chooses the rule set and the method, the rest is the text.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/module/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX 2048
#define ITEMS    16

static void require(int condition)
{
    if (!condition)
        abort();
}

/* Steps over `part`, which must stand at `at` between `before` and what comes.
 */
static const char *step(const char *at, const char *before,
                        struct dfota_span part)
{
    if (part.text == NULL)
        return at;
    require(memcmp(at, before, strlen(before)) == 0);
    at += strlen(before);
    require(part.text == at);
    return at + part.size;
}

static void check_split(const char *text)
{
    struct dfota_url url;
    const char *at;

    if (!dfota_url_split(text, &url)) {
        require(strstr(text, "://") == NULL);
        return;
    }
    at = step(text, "", url.scheme);
    at = url.user.text != NULL ? step(at, "://", url.user) : at;
    at = step(at, ":", url.password);
    at = step(at, url.user.text != NULL ? "@" : "://", url.host);
    at = step(at, ":", url.port);
    at = step(at, "", url.path);
    at = step(at, "", url.query);
    require(*at == '\0');
}

/* What must be true of a text nothing was said against. */
static void check_accepted(const char *text, const struct dfota_target *target)
{
    const struct dfota_profile *profile =
        dfota_rules_profile(target->rules, target->method, target->flash_mb);
    struct dfota_url url;

    require(strpbrk(text, "`$;|&<>(){}'\"\\\n\r\t") == NULL);
    for (const char *c = text; *c != '\0'; c++)
        require((unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7f);
    if (!dfota_url_split(text, &url)) {
        require(text[0] == '/' &&
                strlen(text) <= target->rules->local_path_max);
        return;
    }
    require(strlen(text) <= profile->url_max);
    require(url.host.size > 0 && url.path.size > 0);
    if (profile->name_ends != NULL)
        require(strcmp(text + strlen(text) - strlen(profile->name_ends),
                       profile->name_ends) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned flash_sizes[] = {0, 2, 4, 8, 16};
    struct dfota_finding items[ITEMS];
    struct dfota_findings findings = {.items = items, .capacity = ITEMS};
    struct dfota_target target = {.head = "EG915N", .package = NULL};
    char text[TEXT_MAX + 1];

    if (size < 1 || size > TEXT_MAX)
        return 0;
    target.rules = dfota_rules_at(data[0] % 3);
    target.method =
        (data[0] & 0x40) != 0 ? DFOTA_METHOD_MINI : DFOTA_METHOD_DFOTA;
    target.flash_mb = flash_sizes[(data[0] / 3) % 5];
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';

    check_split(text);
    dfota_url_lint(text, &target, &findings);
    require(findings.count > 0 && findings.dropped == 0);
    if (findings.failures == 0)
        check_accepted(text, &target);
    return 0;
}
