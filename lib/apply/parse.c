/* SPDX-License-Identifier: MIT */
#include "lib/apply/parse.h"

#define SET_HIT 0 /* and 15 more */

_Static_assert(sizeof(struct dfota_parse) <= DFOTA_PARSE_SIZE,
               "a parse fits in the memory counted for it");

void dfota_parse_begin(struct dfota_parse *parse,
                       const struct dfota_pack_job *job)
{
    bool deflate = job->region->packing == DFOTA_PACKING_DEFLATE;

    *parse = (struct dfota_parse){
        .job = job,
        .mix = job->mix,
        .contents = job->contents,
        .limit = job->region->contents_size,
        .length_min = deflate ? 3 : 2,
        .length_max = deflate ? 258 : 273,
        .distance_max = deflate ? 32768 : DFOTA_TOKEN_CONTENTS_MAX,
        .has_reps = !deflate,
    };
    for (uint32_t i = 0; i < job->head_count; i++)
        job->heads[i] = UINT32_MAX;
    dfota_parse_reset(parse, parse->limit, true);
}

void dfota_parse_reset(struct dfota_parse *parse, uint32_t limit, bool forgets)
{
    parse->limit = limit;
    if (!forgets)
        return;
    for (unsigned i = 0; i < DFOTA_PARSE_REPS; i++)
        parse->reps[i] = 1;
    parse->kinds = 0;
}

void dfota_parse_skip(struct dfota_parse *parse, uint32_t size)
{
    parse->pos += size;
}

uint32_t dfota_parse_extent(const struct dfota_parse *parse, uint32_t distance)
{
    const uint8_t *at = parse->contents + parse->pos;
    uint32_t most = parse->limit - parse->pos;
    uint32_t size = 0;

    if (distance == 0 || distance > parse->distance_max ||
        distance > parse->pos - parse->begin)
        return 0;
    if (most > parse->length_max)
        most = parse->length_max;
    while (size < most && at[size] == at[(size_t)size - distance])
        size++;
    return size;
}

/* Which of the lengths: exactly guessed, 1 more, or more than that. */
static uint32_t excess(const struct dfota_parse_guess *guess)
{
    uint32_t more = guess->extent - guess->token.length;

    if (guess->token.kind == DFOTA_TOKEN_LITERAL)
        return 0;
    return more > 2 ? 2 : more;
}

static bool told_hit(struct dfota_parse *parse, bool hit)
{
    const struct dfota_parse_guess *guess = &parse->guess;
    uint32_t kind = guess->token.kind + 8u * guess->begins;
    uint32_t what = kind + 16u * guess->source + 64 * excess(guess);
    uint32_t length = guess->token.length < 32 ? guess->token.length : 32;
    struct dfota_contexts contexts = {
        {dfota_mix_hash(1, what, parse->hits & 7),
         dfota_mix_hash(2, kind, parse->hits & 0xff),
         dfota_mix_hash(3, what, length + 64 * (parse->kinds & 0x3f)),
         dfota_mix_hash(4, what, length + 64 * (parse->hits & 1))},
        SET_HIT + kind};

    return dfota_mix_bit(parse->mix, &contexts, 0, hit);
}

static bool equal(const struct dfota_token *a, const struct dfota_token *b)
{
    return a->kind == b->kind && a->length == b->length &&
           a->distance == b->distance;
}

static void remember(struct dfota_parse *parse, const struct dfota_token *token)
{
    unsigned from = DFOTA_PARSE_REPS - 1;

    parse->kinds = parse->kinds << 3 | token->kind;
    parse->pos += token->length;
    if (token->distance == 0 || token->kind == DFOTA_TOKEN_SHORT)
        return;
    if (token->kind >= DFOTA_TOKEN_REP)
        from = token->kind - (unsigned)DFOTA_TOKEN_REP;
    for (; from > 0; from--)
        parse->reps[from] = parse->reps[from - 1];
    parse->reps[0] = token->distance;
}

void dfota_parse_token(struct dfota_parse *parse, struct dfota_token *token)
{
    const struct dfota_tokens *known = parse->job->tokens;
    bool hit;

    if (known != NULL)
        dfota_tokens_at(known, parse->pos, token);
    dfota_parse_guess(parse);
    hit = parse->guess.token.length > 0 &&
          told_hit(parse, known != NULL && equal(token, &parse->guess.token));
    if (hit)
        *token = parse->guess.token;
    else
        dfota_parse_miss(parse, token);
    if (!parse->error)
        parse->error = parse->mix->range.error;
    if (parse->error) /* which is then to be left with as little ado */
        *token = (struct dfota_token){.length = 1};
    if (parse->guess.token.length > 0)
        parse->hits = parse->hits << 1 | hit;
    remember(parse, token);
}
