/* SPDX-License-Identifier: MIT */
#include "lib/module/rules.h"

#include <string.h>

/* Every rule set: X(the end of its name in C), one a line. */
#define RULE_SETS(X)                                                           \
    X(lte_standard_a_1_4)                                                      \
    X(lte_standard_a_1_5)                                                      \
    X(rg50x_rm5xx_1_1)

#define DECLARE(name) extern const struct dfota_rules dfota_rules_##name;
#define ADDRESS(name) &dfota_rules_##name,

RULE_SETS(DECLARE)

static const struct dfota_rules *const rule_sets[] = {RULE_SETS(ADDRESS)};

#define RULE_SET_COUNT (sizeof(rule_sets) / sizeof(rule_sets[0]))

const struct dfota_code *dfota_code_find(const struct dfota_code_list *list,
                                         unsigned code)
{
    for (size_t i = 0; i < list->count; i++)
        if (code >= list->items[i].first && code <= list->items[i].last)
            return &list->items[i];
    return NULL;
}

const struct dfota_rules *dfota_rules_at(size_t index)
{
    return index < RULE_SET_COUNT ? rule_sets[index] : NULL;
}

const struct dfota_rules *dfota_rules_find(const char *name)
{
    for (size_t i = 0; i < RULE_SET_COUNT; i++)
        if (strcmp(rule_sets[i]->name, name) == 0)
            return rule_sets[i];
    return NULL;
}

const struct dfota_rules *dfota_rules_default(enum dfota_family family)
{
    const struct dfota_rules *best = NULL;

    for (size_t i = 0; i < RULE_SET_COUNT; i++) {
        const struct dfota_rules *rules = rule_sets[i];

        if (rules->family != family || !rules->official)
            continue;
        if (best == NULL || strcmp(rules->date, best->date) > 0)
            best = rules;
    }
    return best;
}

const struct dfota_profile *dfota_rules_profile(const struct dfota_rules *rules,
                                                enum dfota_method method,
                                                unsigned flash_mb)
{
    const struct dfota_profile *any = NULL;
    const struct dfota_profile *profile = rules->profiles;

    for (; profile->method != DFOTA_METHOD_UNKNOWN; profile++) {
        if (profile->method != method)
            continue;
        if (profile->flash_mb == flash_mb)
            return profile;
        if (profile->flash_mb == 0)
            any = profile;
    }
    return any;
}

const struct dfota_rules_module *
dfota_rules_module(const struct dfota_rules *rules, const char *head,
                   const char *region)
{
    const struct dfota_rules_module *module = rules->modules;

    for (; module->head != NULL; module++) {
        if (strcmp(module->head, head) != 0)
            continue;
        if (module->region == NULL ||
            (region != NULL && strcmp(module->region, region) == 0))
            return module;
    }
    return NULL;
}

static void check_model(const struct dfota_rules *rules,
                        const struct dfota_version *version,
                        struct dfota_findings *findings)
{
    const struct dfota_rules_module *module =
        dfota_rules_module(rules, version->head, version->region);

    if (version->model != NULL && version->model->family != rules->family)
        dfota_findings_add(findings, "MOD-1", DFOTA_FINDING_FAIL,
                           "%s is of the family %s, not %s", version->head,
                           dfota_family_name(version->model->family),
                           dfota_family_name(rules->family));
    else if (version->model == NULL)
        dfota_findings_add(findings, "MOD-1", DFOTA_FINDING_WARN,
                           "unknown model in %s: no document at hand covers it",
                           version->project);
    else if (module == NULL)
        dfota_findings_add(findings, "MOD-1", DFOTA_FINDING_WARN,
                           "unknown model %s%s of the family %s: %s does not "
                           "list it",
                           version->head, version->region,
                           dfota_family_name(rules->family), rules->name);
    else if (module->note != NULL)
        dfota_findings_add(findings, "MOD-1", DFOTA_FINDING_WARN, "%s: %s",
                           version->head, module->note);
    else
        dfota_findings_add(findings, "MOD-1", DFOTA_FINDING_PASS,
                           "%s is listed in %s", version->head, rules->name);
}

static void check_method(const struct dfota_version *version,
                         enum dfota_method method,
                         struct dfota_findings *findings)
{
    enum dfota_method own = dfota_version_method(version);

    if (method == DFOTA_METHOD_UNKNOWN)
        dfota_findings_add(findings, "MOD-2", DFOTA_FINDING_SKIP,
                           "the package does not tell its method");
    else if (own == DFOTA_METHOD_UNKNOWN)
        dfota_findings_add(findings, "MOD-2", DFOTA_FINDING_SKIP,
                           "%s does not tell its method: neither model nor "
                           "flash size (M02, M04, M08, M16) decides",
                           version->text);
    else if (own != method)
        dfota_findings_add(findings, "MOD-2", DFOTA_FINDING_FAIL,
                           "%s is updated by %s, the package is for %s",
                           version->text, dfota_method_name(own),
                           dfota_method_name(method));
    else
        dfota_findings_add(findings, "MOD-2", DFOTA_FINDING_PASS,
                           "%s is updated by %s", version->text,
                           dfota_method_name(own));
}

void dfota_rules_check_module(const struct dfota_rules *rules,
                              const struct dfota_version *version,
                              enum dfota_method method,
                              struct dfota_findings *findings)
{
    check_model(rules, version, findings);
    check_method(version, method, findings);
}
