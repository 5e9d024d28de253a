/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/manifest.h"

/* Writes and reads `manifest` in place; it was read, so both must succeed. */
static struct dfota_buffer rewrite(struct dfota_manifest *manifest)
{
    struct dfota_buffer text = {0};

    if (dfota_manifest_write(manifest, &text, NULL) ||
        dfota_manifest_read(dfota_buffer_view(&text), manifest, NULL))
        abort();
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the reader accepts, the writer brings into a form that stays. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_manifest manifest;
    struct dfota_buffer once;
    struct dfota_buffer twice;

    if (dfota_manifest_read((struct dfota_view){data, size}, &manifest, NULL))
        return 0;
    once = rewrite(&manifest);
    twice = rewrite(&manifest);
    if (once.size != twice.size ||
        memcmp(once.data, twice.data, once.size) != 0)
        abort();
    dfota_buffer_free(&twice);
    dfota_buffer_free(&once);
    return 0;
}
