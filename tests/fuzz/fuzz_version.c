/* SPDX-License-Identifier: MIT */
/*
 * fuzz_version.c - the parts of an accepted string are the string, and what is
 * found in an image stands there, is a version, and comes once
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/module/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MATCHES 8

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check_parts(const struct dfota_version *version)
{
    char again[sizeof(struct dfota_version)];

    snprintf(again, sizeof(again), "%s%s%s%s%s%s%s%s", version->head,
             version->region, version->variant, version->baseline,
             version->edition, version->sub_edition, version->flash,
             version->suffix);
    require(strcmp(again, version->text) == 0);
    snprintf(again, sizeof(again), "%s%s%s%s%s", version->project,
             version->baseline, version->version, version->flash,
             version->suffix);
    require(strcmp(again, version->text) == 0);
    require(dfota_version_compare(version, version) == 0);
}

static void check_image(const uint8_t *data, size_t size)
{
    struct dfota_version_match matches[MATCHES];
    size_t count = dfota_version_find(data, size, matches, MATCHES);

    require(count <= MATCHES);
    for (size_t i = 0; i < count; i++) {
        const char *text = matches[i].version.text;

        require(matches[i].offset + strlen(text) <= size);
        require(memcmp(data + matches[i].offset, text, strlen(text)) == 0);
        require(i == 0 || matches[i - 1].offset < matches[i].offset);
        for (size_t k = 0; k < i; k++)
            require(strcmp(matches[k].version.text, text) != 0);
        check_parts(&matches[i].version);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_version version;
    struct dfota_fault fault = {0};

    if (dfota_version_parse((const char *)data, size, &version, &fault)) {
        require(fault.rule != NULL && fault.offset <= size);
    } else {
        require(strlen(version.text) == size);
        require(memcmp(version.text, data, size) == 0);
        check_parts(&version);
    }
    check_image(data, size);
    return 0;
}
