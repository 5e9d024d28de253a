/* SPDX-License-Identifier: MIT */
#include "lib/module/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void dfota_findings_add(struct dfota_findings *list, const char *rule,
                        enum dfota_finding_status status, const char *format,
                        ...)
{
    struct dfota_finding *item;
    va_list args;

    if (status == DFOTA_FINDING_FAIL)
        list->failures++;
    if (list->count >= list->capacity) {
        list->dropped++;
        return;
    }
    item = &list->items[list->count++];
    item->rule = rule;
    item->status = status;
    va_start(args, format);
    vsnprintf(item->detail, sizeof(item->detail), format, args);
    va_end(args);
    for (char *c = item->detail; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
            *c = '?';
}

const struct dfota_finding *
dfota_findings_get(const struct dfota_findings *list, const char *rule)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].rule, rule) == 0)
            return &list->items[i];
    return NULL;
}

const char *dfota_finding_status_name(enum dfota_finding_status status)
{
    switch (status) {
    case DFOTA_FINDING_PASS:
        return "pass";
    case DFOTA_FINDING_FAIL:
        return "fail";
    case DFOTA_FINDING_WARN:
        return "warn";
    case DFOTA_FINDING_SKIP:
        return "skip";
    }
    return "skip";
}
