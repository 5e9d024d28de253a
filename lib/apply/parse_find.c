/* SPDX-License-Identifier: MIT */
#include "lib/apply/parse.h"

#define NOWHERE UINT32_MAX
#define HASHED  3 /* bytes */

static uint32_t hash_of(const struct dfota_parse *parse, uint32_t pos)
{
    const uint8_t *at = parse->contents + pos;
    uint32_t value = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;

    return (value * 0x9e3779b1 >> 7) & (parse->job->head_count - 1);
}

/* Takes note of what lies before `pos`. */
static void see(struct dfota_parse *parse)
{
    const struct dfota_packed_job *job = parse->job;

    for (; parse->hashed < parse->pos; parse->hashed++) {
        uint32_t hash = hash_of(parse, parse->hashed);

        if (job->chain_count > 0)
            job->chain[parse->hashed & (job->chain_count - 1)] =
                job->heads[hash];
        job->heads[hash] = parse->hashed;
    }
}

unsigned dfota_parse_find(struct dfota_parse *parse,
                          struct dfota_parse_found found[DFOTA_PARSE_FOUND])
{
    const struct dfota_packed_job *job = parse->job;
    uint32_t longest = HASHED - 1;
    unsigned count = 0;
    uint32_t most = parse->limit - parse->pos;
    const uint8_t *here;
    uint32_t at;

    if (job->head_count == 0 ||
        parse->pos + HASHED > job->region->contents_size)
        return 0;
    see(parse);
    here = parse->contents + parse->pos;
    at = job->heads[hash_of(parse, parse->pos)];
    for (unsigned i = 0; i < parse->steps && at != NOWHERE; i++) {
        uint32_t distance = parse->pos - at;
        uint32_t length = 0;

        /* Most places are worse, and told so by one byte. */
        if (longest < most && here[longest] == parse->contents[at + longest])
            length = dfota_parse_extent(parse, distance);
        if (length > longest && count < DFOTA_PARSE_FOUND) {
            found[count++] = (struct dfota_parse_found){distance, length};
            longest = length;
        }
        if (distance >= job->chain_count)
            break;
        at = job->chain[at & (job->chain_count - 1)];
    }
    return count;
}
