/* SPDX-License-Identifier: MIT */
#include "lib/apply/parse.h"

/* Where in old the bytes at `pos` of new come from; the copies before it. */
static bool source_of(struct dfota_parse *parse, uint32_t *old_pos)
{
    const struct dfota_packed_job *job = parse->job;
    uint32_t pos = job->new_pos + parse->pos;
    uint32_t at = parse->copy;

    while (at < job->copy_count &&
           job->copies[at].new_pos + job->copies[at].length <= pos)
        at++;
    parse->copy = at;
    if (at == job->copy_count || job->copies[at].new_pos > pos) {
        /* What is inserted often stands for as many bytes of old. */
        if (at == 0)
            return false;
        at--;
    }
    parse->source = at;
    *old_pos = job->copies[at].old_pos + (pos - job->copies[at].new_pos);
    return true;
}

/* The token of old that `old_pos` belongs to. */
static bool token_at(const struct dfota_packed_job *job, uint32_t old_pos,
                     struct dfota_parse_guess *guess)
{
    uint32_t low = 0;
    uint32_t high = job->old_count;
    uint32_t begin;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (job->olds[middle].pos <= old_pos)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return false;
    old_pos -= job->olds[low - 1].pos;
    if (old_pos >= job->olds[low - 1].tokens->end)
        return false;
    begin = dfota_tokens_at(job->olds[low - 1].tokens, old_pos, &guess->token);
    guess->begins = begin == old_pos;
    guess->token.length -= old_pos - begin;
    return true;
}

/* Takes over another distance, if more is alike there. */
static void try_distance(struct dfota_parse *parse, uint32_t distance,
                         uint8_t source)
{
    struct dfota_parse_guess *guess = &parse->guess;
    uint32_t extent;

    if (guess->extent >= guess->token.length)
        return;
    extent = dfota_parse_extent(parse, distance);
    if (extent <= guess->extent)
        return;
    guess->token.distance = distance;
    guess->extent = extent;
    guess->source = source;
}

/* What the token's kind is with its distance. */
static void name(struct dfota_parse *parse)
{
    struct dfota_token *token = &parse->guess.token;

    token->kind = DFOTA_TOKEN_MATCH;
    if (!parse->has_reps)
        return;
    for (unsigned i = DFOTA_TOKEN_REPS; i-- > 0;)
        if (parse->reps[i] == token->distance)
            token->kind = (uint8_t)(DFOTA_TOKEN_REP + i);
    if (token->length == 1)
        token->kind = DFOTA_TOKEN_SHORT;
}

static void choose(struct dfota_parse *parse, uint32_t old_pos)
{
    const struct dfota_packed_job *job = parse->job;
    struct dfota_parse_guess *guess = &parse->guess;
    uint32_t distance = guess->token.distance;
    unsigned kind = guess->token.kind;

    guess->extent = 0;
    guess->token.distance = 0;
    if (kind >= DFOTA_TOKEN_REP && kind < DFOTA_TOKEN_SHORT)
        try_distance(parse, parse->reps[kind - DFOTA_TOKEN_REP], 0);
    if (kind == DFOTA_TOKEN_SHORT || guess->token.length == 1) {
        try_distance(parse, parse->reps[0], 0);
    } else {
        const struct dfota_copy *copy = &job->copies[parse->source];

        /* What the same copy brought lies as far back as in old. */
        if (job->map != NULL &&
            old_pos - distance - copy->old_pos >= copy->length) {
            uint32_t from = old_pos - distance;
            uint32_t to = from + dfota_map_shift(job->map, from);

            try_distance(parse, job->new_pos + parse->pos - to, 1);
        }
        try_distance(parse, distance, 0);
    }
    if (guess->extent < guess->token.length)
        guess->token.length = guess->extent;
}

void dfota_parse_guess(struct dfota_parse *parse)
{
    struct dfota_parse_guess *guess = &parse->guess;
    uint32_t old_pos;

    *guess = (struct dfota_parse_guess){0};
    if (!source_of(parse, &old_pos) || !token_at(parse->job, old_pos, guess))
        return;
    if (guess->token.distance > 0)
        choose(parse, old_pos);
    else
        guess->token.length = 0;
    if (guess->token.length >= parse->length_min ||
        (guess->token.length == 1 && guess->extent > 0 && parse->has_reps &&
         guess->token.distance == parse->reps[0]))
        name(parse);
    else
        guess->token = (struct dfota_token){.length = 1};
}
