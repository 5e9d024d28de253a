/* SPDX-License-Identifier: MIT */
#include "lib/delta/choose.h"

#define RECORD_COST  4   /* bytes of control that a copy takes */
#define MERGE_FACTOR 2   /* how much more a long copy is trusted */
#define LONG_COPY    400 /* bytes */
#define MERGE_MAX    3   /* places in a row that are closed at once */

struct images {
    struct dfota_view old;
    struct dfota_view new;
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How far forward from `start`, at most `most`, agreement outweighs the rest.
 */
static size_t forward(const struct images *images, struct dfota_seed start,
                      size_t most)
{
    int64_t score = 0;
    int64_t best = 0;
    size_t length = 0;

    most = least(most, images->old.size - start.old_pos);
    for (size_t i = 0; i < most; i++) {
        bool same = images->old.data[start.old_pos + i] ==
                    images->new.data[start.new_pos + i];

        score += same ? 1 : -1;
        if (score > best) {
            best = score;
            length = i + 1;
        }
    }
    return length;
}

/* How far back from `end`, at most `most`, likewise. */
static size_t backward(const struct images *images, struct dfota_seed end,
                       size_t most)
{
    int64_t score = 0;
    int64_t best = 0;
    size_t length = 0;

    most = least(most, end.old_pos);
    for (size_t i = 1; i <= most; i++) {
        bool same = images->old.data[end.old_pos - i] ==
                    images->new.data[end.new_pos - i];

        score += same ? 1 : -1;
        if (score > best) {
            best = score;
            length = i;
        }
    }
    return length;
}

/*
 * Of the `shared` bytes of new that both alignments cover, how many the first
 * keeps: `first` and `second` are where they begin in each.
 */
static size_t border(const struct images *images, struct dfota_seed first,
                     struct dfota_seed second, size_t shared)
{
    int64_t score = 0;
    int64_t best = 0;
    size_t kept = 0;

    for (size_t i = 0; i < shared; i++) {
        uint8_t byte = images->new.data[first.new_pos + i];

        score += images->old.data[first.old_pos + i] == byte;
        score -= images->old.data[second.old_pos + i] == byte;
        if (score > best) {
            best = score;
            kept = i + 1;
        }
    }
    return kept;
}

static struct dfota_seed moved(struct dfota_seed seed, int64_t by)
{
    return (struct dfota_seed){(uint32_t)(seed.new_pos + by),
                               (uint32_t)(seed.old_pos + by)};
}

/*
 * Ends the alignment that runs from `start`, before that of `next` begins, as
 * the range `*copy`.  Returns where the next one really begins.
 */
static struct dfota_seed settle(const struct images *images,
                                struct dfota_seed start, struct dfota_seed next,
                                struct dfota_copy *copy)
{
    size_t room = next.new_pos - start.new_pos;
    size_t ahead = forward(images, start, room);
    size_t back =
        next.new_pos < images->new.size ? backward(images, next, room) : 0;

    if (ahead + back > room) {
        size_t shared = ahead + back - room;
        size_t kept = border(images, moved(start, (int64_t)(ahead - shared)),
                             moved(next, -(int64_t)back), shared);

        ahead = ahead - shared + kept;
        back -= kept;
    }
    *copy = (struct dfota_copy){start.new_pos, start.old_pos, (uint32_t)ahead};
    return moved(next, -(int64_t)back);
}

/* Bytes on which old and new differ along one alignment. */
static size_t differing(const struct images *images, uint32_t new_pos,
                        uint32_t old_pos, size_t length)
{
    size_t count = 0;

    for (size_t i = 0; i < length; i++)
        count += images->new.data[new_pos + i] != images->old.data[old_pos + i];
    return count;
}

/*
 * Whether `first`, which `count` copies interrupt before it goes on as
 * `first[count + 1]`, is better continued through them: each record costs some
 * bytes, and of the bytes that differ many are addresses to be foreseen.
 */
static bool worth_merging(const struct images *images,
                          const struct dfota_copy *first, size_t count)
{
    const struct dfota_copy *next = &first[count + 1];
    size_t end = (size_t)first->new_pos + first->length;
    size_t gap = next->new_pos - end;
    size_t apart = gap + (count + 1) * RECORD_COST;
    size_t through;

    if (first->new_pos - first->old_pos != next->new_pos - next->old_pos)
        return false;
    for (size_t i = 1; i <= count; i++)
        apart -= first[i].length - differing(images, first[i].new_pos,
                                             first[i].old_pos, first[i].length);
    through =
        differing(images, (uint32_t)end, first->old_pos + first->length, gap);
    if (count > 0 && first->length >= LONG_COPY && next->length >= LONG_COPY)
        apart *= MERGE_FACTOR;
    return through <= apart;
}

/*
 * How many copies before the last one, `copies[last]`, can be joined with it by
 * continuing the first of them; 0 for none.
 */
static size_t find_merge(const struct images *images,
                         const struct dfota_copy *copies, size_t last)
{
    for (size_t between = 0; between < MERGE_MAX && between < last; between++)
        if (worth_merging(images, &copies[last - between - 1], between))
            return between + 1;
    return 0;
}

/* Drops copies that interrupt another for too little.  Gives how many stay. */
static size_t merge_copies(const struct images *images,
                           struct dfota_copy *copies, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        size_t joined;

        copies[kept] = copies[i];
        while ((joined = find_merge(images, copies, kept)) > 0) {
            uint32_t end = copies[kept].new_pos + copies[kept].length;

            kept -= joined;
            copies[kept].length = end - copies[kept].new_pos;
        }
        kept++;
    }
    return kept;
}

enum dfota_error dfota_choose_copies(struct dfota_view old,
                                     struct dfota_view new,
                                     struct dfota_view seeds,
                                     struct dfota_buffer *copies,
                                     struct dfota_fault *fault)
{
    const struct dfota_seed *seed = (const void *)seeds.data;
    size_t count = seeds.size / sizeof(*seed);
    const struct images images = {old, new};
    struct dfota_seed end = {(uint32_t) new.size, 0};
    struct dfota_seed start = {0, 0};
    enum dfota_error err;

    for (size_t i = 0; i < count; i++) {
        struct dfota_copy copy;

        start =
            settle(&images, start, i + 1 < count ? seed[i + 1] : end, &copy);
        if (copy.length > 0)
            dfota_buffer_add(copies, &copy, sizeof(copy));
    }
    err = dfota_buffer_check(copies, fault);
    if (!err && copies->size > 0)
        copies->size = sizeof(struct dfota_copy) *
                       merge_copies(&images, (void *)copies->data,
                                    copies->size / sizeof(struct dfota_copy));
    return err;
}
