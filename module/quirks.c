/* SPDX-License-Identifier: MIT */
#include "module/quirks.h"

#include <string.h>

#define JUNK_MAX 8 /* bytes */

static const struct {
    const char *name;
    enum module_quirk quirk;
} names[] = {
    {"coalesce", MODULE_QUIRK_COALESCE},
    {"junk", MODULE_QUIRK_JUNK},
    {"httpsstart", MODULE_QUIRK_HTTPSSTART},
    {"end-before-start", MODULE_QUIRK_END_BEFORE_START},
    {"vendor-power-loss", MODULE_QUIRK_POWER_LOSS},
};

static bool find(const char *text, size_t size, unsigned *set)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i].name) == size &&
            memcmp(names[i].name, text, size) == 0) {
            *set |= (unsigned)names[i].quirk;
            return true;
        }
    }
    return false;
}

bool module_quirks_parse(const char *list, unsigned *out)
{
    unsigned set = 0;

    while (list != NULL) {
        size_t size = strcspn(list, ",");

        if (!find(list, size, &set))
            return false;
        list = list[size] == ',' ? list + size + 1 : NULL;
    }
    *out = set;
    return true;
}

void module_quirks_junk(struct module *module)
{
    unsigned count = 1 + module_random(module, JUNK_MAX);
    uint8_t junk[JUNK_MAX];

    for (unsigned i = 0; i < count; i++)
        junk[i] = (uint8_t)(0x80 + module_random(module, 0x80));
    module_port_write(&module->port, junk, count);
}
