/* SPDX-License-Identifier: MIT */
#include "lib/apply/site_bits.h"

static uint32_t mask(const struct dfota_field *field)
{
    return ((uint32_t)1 << field->count) - 1;
}

uint32_t dfota_fields_get(const struct dfota_field *fields, uint32_t word)
{
    uint32_t value = 0;

    for (; fields->count > 0; fields++)
        value |= (word >> fields->at & mask(fields)) << fields->to;
    return dfota_extend(value, fields->to);
}

bool dfota_fields_put(const struct dfota_field *fields, uint32_t *word,
                      uint32_t value)
{
    uint32_t changed = *word;

    for (const struct dfota_field *f = fields; f->count > 0; f++)
        changed =
            dfota_replace(changed, mask(f) << f->at, value >> f->to << f->at);
    if (dfota_fields_get(fields, changed) != value)
        return false;
    *word = changed;
    return true;
}
