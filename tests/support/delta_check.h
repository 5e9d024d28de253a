/* SPDX-License-Identifier: MIT */
/* delta_check.h - what unit tests expect of the applier.  After cmocka.h. */
#ifndef DFOTA_TESTS_SUPPORT_DELTA_CHECK_H
#define DFOTA_TESTS_SUPPORT_DELTA_CHECK_H

#include "lib/codec/deflate.h"
#include "lib/codec/lzma.h"
#include "tests/support/delta_bench.h"
#include "tests/support/delta_example.h"

/* What a module has that was sent `example` as `delta`. */
static inline struct delta_bench bench_of(const struct delta_example *example,
                                          const struct dfota_buffer *delta)
{
    static const struct dfota_codec *const codecs[] = {
        &dfota_codec_stored, &dfota_codec_zlib, &dfota_codec_lzma, NULL};

    return (struct delta_bench){
        .delta = dfota_buffer_view(delta),
        .old = example->old,
        .new_size_max = (uint32_t)example->new.size,
        .codecs = codecs,
        .sha256 = true,
        .memory_size = DELTA_EXAMPLE_RAM + example->codec_ram,
    };
}

/* Applies the delta; the applier must keep its promises whatever comes. */
static inline enum dfota_error run(struct delta_bench *bench)
{
    enum dfota_error err;

    memset(&bench->fault, 0, sizeof(bench->fault));
    err = bench_run(bench, &bench->fault);
    if (bench->misuse != NULL)
        fail_msg("the applier %s", bench->misuse);
    return err;
}

/* Runs `bench` and expects that refusal, with a fault and without. */
static inline void assert_bench_refused(struct delta_bench *bench,
                                        enum dfota_error want, const char *rule,
                                        uint64_t offset)
{
    assert_int_equal(bench_run(bench, NULL), want);
    assert_int_equal(run(bench), want);
    assert_int_equal(bench->fault.error, want);
    assert_string_equal(bench->fault.rule, rule);
    if (offset != DFOTA_NO_OFFSET)
        assert_int_equal(bench->fault.offset, offset);
}

/* Expects that the new image comes of `example`, with SHA-256 and without. */
static inline void assert_made(const struct delta_example *example)
{
    struct dfota_buffer delta = delta_example_build(example);
    struct delta_bench bench = bench_of(example, &delta);

    for (int sha256 = 0; sha256 < 2; sha256++) {
        bench.sha256 = sha256;
        assert_int_equal(run(&bench), DFOTA_OK);
        assert_int_equal(bench.made.size, example->new.size);
        if (example->new.size > 0)
            assert_memory_equal(bench.made.data, example->new.data,
                                example->new.size);
    }
    dfota_buffer_free(&bench.made);
    dfota_buffer_free(&delta);
}

#endif
