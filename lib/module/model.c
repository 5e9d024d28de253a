/* SPDX-License-Identifier: MIT */
#include "lib/module/model.h"

#include <string.h>

#define LTE DFOTA_FAMILY_LTE_STANDARD_A
#define RGM DFOTA_FAMILY_RG50X_RM5XX

static const struct dfota_model models[] = {
    {"EC200A", LTE, true}, /* guide 4: DFOTA at 8 and 16 MB alike */
    {"EC200M", LTE, false}, {"EC200N", LTE, false},  {"EC600K", LTE, false},
    {"EC600M", LTE, false}, {"EC600N", LTE, false},  {"EC800K", LTE, false},
    {"EC800M", LTE, false}, {"EG600AK", LTE, false}, {"EG800AK", LTE, false},
    {"EG800K", LTE, false}, {"EG800M", LTE, false}, /* since 1.5 */
    {"EG800W", LTE, false},                         /* until 1.4 */
    {"EG810M", LTE, false}, {"EG912N", LTE, false},  {"EG915K", LTE, false},
    {"EG915N", LTE, false}, {"EG950A", LTE, false},  {"RG500Q", RGM, true},
    {"RG501Q", RGM, true},  {"RG502Q", RGM, true},   {"RM500Q", RGM, true},
    {"RM502Q", RGM, true},  {"RM505Q", RGM, true},   {"RM510Q", RGM, true},
    {"RM520N", RGM, true}, /* in the note's example, not in its table */
};

const struct dfota_model *dfota_model_find(const char *text, size_t size)
{
    const struct dfota_model *best = NULL;
    size_t best_length = 0;

    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        size_t length = strlen(models[i].head);

        if (length <= best_length || length > size ||
            memcmp(text, models[i].head, length) != 0)
            continue;
        best = &models[i];
        best_length = length;
    }
    return best;
}

enum dfota_method dfota_model_method(const struct dfota_model *model,
                                     unsigned flash_mb)
{
    if (model != NULL && model->dfota_only)
        return DFOTA_METHOD_DFOTA;
    switch (flash_mb) {
    case 2:
    case 4:
    case 8:
        return DFOTA_METHOD_MINI;
    case 16:
        return DFOTA_METHOD_DFOTA;
    default:
        return DFOTA_METHOD_UNKNOWN;
    }
}

const char *dfota_family_name(enum dfota_family family)
{
    switch (family) {
    case DFOTA_FAMILY_LTE_STANDARD_A:
        return "lte-standard-a";
    case DFOTA_FAMILY_RG50X_RM5XX:
        return "rg50x-rm5xx";
    case DFOTA_FAMILY_NONE:
        break;
    }
    return NULL;
}

enum dfota_family dfota_family_find(const char *name)
{
    if (strcmp(name, dfota_family_name(LTE)) == 0)
        return LTE;
    if (strcmp(name, dfota_family_name(RGM)) == 0)
        return RGM;
    return DFOTA_FAMILY_NONE;
}

const char *dfota_method_name(enum dfota_method method)
{
    switch (method) {
    case DFOTA_METHOD_DFOTA:
        return "DFOTA";
    case DFOTA_METHOD_MINI:
        return "MiniFOTA";
    case DFOTA_METHOD_UNKNOWN:
        break;
    }
    return "unknown method";
}
