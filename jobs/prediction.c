/* SPDX-License-Identifier: MIT */
#include "jobs/prediction.h"

#include "lib/apply/site.h"

/* An architecture, and its classes by their bits. */
struct words {
    const char *name;
    const char *classes[DFOTA_EXPLAIN_CLASSES];
};

static const struct words words[] = {
    [DFOTA_ISA_T32] = {"T32",
                       {"calls", "branches", "exchanges", "values", "near"}},
    [DFOTA_ISA_A32] = {"A32", {"calls", NULL, NULL, "values", "near"}},
    [DFOTA_ISA_A64] = {"A64", {"calls", "pages", NULL, NULL, "near"}},
    [DFOTA_ISA_RISCV] = {"RISC-V",
                         {"calls", "pairs", NULL, "values", "near",
                          "short calls"}},
    [DFOTA_ISA_X86] = {"x86", {"calls", "branches", "operands"}},
    [DFOTA_ISA_XTENSA] = {"Xtensa", {"calls", "literals", NULL, NULL, "near"}},
};

#define WORDS (sizeof(words) / sizeof(words[0]))

static void explain_dialect(const struct dfota_dialect *dialect,
                            struct dfota_explained_dialect *out)
{
    static const struct words unknown = {"unknown", {NULL}};
    const struct words *known =
        dialect->isa < WORDS && words[dialect->isa].name != NULL
            ? &words[dialect->isa]
            : &unknown;

    out->name = known->name;
    for (unsigned i = 0; i < DFOTA_EXPLAIN_CLASSES; i++) {
        const char *name = known->classes[i];

        if (dialect->classes >> i & 1)
            out->classes[out->class_count++] = name != NULL ? name : "unknown";
    }
}

void dfota_prediction_explain(const struct dfota_prediction *prediction,
                              struct dfota_explained_prediction *out)
{
    *out = (struct dfota_explained_prediction){
        .dialect_count = prediction->dialect_count,
        .base_count = prediction->base_count,
        .map_count = prediction->map_count,
        .map_length = prediction->map_length,
        .learned = prediction->learned,
    };

    for (unsigned i = 0; i < prediction->dialect_count; i++)
        explain_dialect(&prediction->dialects[i], &out->dialects[i]);
    for (unsigned i = 0; i < prediction->base_count; i++)
        out->bases[i] = prediction->bases[i];
    for (unsigned i = 0; i < prediction->range_count; i++) {
        const struct dfota_value_range *range = &prediction->ranges[i];

        if (range->size == 0) /* of no value */
            continue;
        out->ranges[out->range_count].first = range->first;
        out->ranges[out->range_count++].last = range->first + range->size - 1;
    }
}
