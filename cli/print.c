/* SPDX-License-Identifier: MIT */
#include "cli/print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/digest.h"
#include "lib/base/utf8.h"

#define LINE_END 79 /* columns, counted in bytes */

/*
 * A copy of `text` that a terminal may see, which the caller frees, or NULL
 * without memory.  The controls are those of ASCII, and U+0080 to U+009F.
 */
static char *copy_clean(const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        return NULL;
    dfota_utf8_clean(copy);
    for (unsigned char *c = (unsigned char *)copy; *c != '\0'; c++) {
        if (*c < 0x20 || *c == 0x7f)
            *c = '?';
        else if (c[0] == 0xc2 && c[1] < 0xa0)
            c[0] = c[1] = '?';
    }
    return copy;
}

void dfota_print_text(FILE *stream, const char *text)
{
    char *copy = copy_clean(text);

    fputs(copy != NULL ? copy : "?", stream);
    free(copy);
}

/* Prints `text`, broken at spaces. */
static void print_words(FILE *stream, unsigned column, const char *text)
{
    size_t at = column;

    for (;;) {
        size_t word = strcspn(text, " ");

        fwrite(text, 1, word, stream);
        at += word;
        text += word;
        if (*text == '\0')
            return;
        text++;
        if (at + 1 + strcspn(text, " ") > LINE_END) {
            fprintf(stream, "\n%*s", (int)column, "");
            at = column;
        } else {
            fputc(' ', stream);
            at++;
        }
    }
}

void dfota_print_wrapped(FILE *stream, unsigned column, const char *text)
{
    char *copy = copy_clean(text);

    print_words(stream, column, copy != NULL ? copy : "?");
    fputc('\n', stream);
    free(copy);
}

const char *dfota_print_bytes(uint64_t bytes, char out[DFOTA_PRINT_BYTES_SIZE])
{
    char digits[24];
    size_t count = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, bytes);
    char *next = out;

    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            *next++ = ',';
        *next++ = digits[i];
    }
    snprintf(next, DFOTA_PRINT_BYTES_SIZE - (size_t)(next - out), "%s",
             bytes == 1 ? " byte" : " bytes");
    return out;
}

void dfota_print_digests(FILE *stream, unsigned indent,
                         const struct dfota_digests *digests)
{
    char hex[2 * DFOTA_SHA256_SIZE + 1];

    fprintf(stream, "%*sCRC32    %08" PRIx32 "\n", (int)indent, "",
            digests->crc32);
    dfota_hex(digests->md5, sizeof(digests->md5), hex);
    fprintf(stream, "%*sMD5      %s\n", (int)indent, "", hex);
    dfota_hex(digests->sha256, sizeof(digests->sha256), hex);
    fprintf(stream, "%*sSHA-256  %s\n", (int)indent, "", hex);
}

/* Writes the members that the two objects below share. */
static void write_digests(struct dfota_json_writer *json,
                          const struct dfota_digests *digests)
{
    dfota_json_number(json, "size", digests->size);
    dfota_json_crc32(json, "crc32", digests->crc32);
    dfota_json_hex(json, "md5", digests->md5, sizeof(digests->md5));
    dfota_json_hex(json, "sha256", digests->sha256, sizeof(digests->sha256));
}

void dfota_print_json_digests(struct dfota_json_writer *json, const char *key,
                              const struct dfota_digests *digests)
{
    dfota_json_begin_object(json, key);
    write_digests(json, digests);
    dfota_json_end(json);
}

void dfota_print_json_file(struct dfota_json_writer *json, const char *path,
                           const struct dfota_digests *digests)
{
    dfota_json_begin_object(json, NULL);
    dfota_json_string(json, "path", path);
    write_digests(json, digests);
    dfota_json_end(json);
}

void dfota_print_json_use(struct dfota_json_writer *json,
                          const struct dfota_in_place_use *use)
{
    if (use->segment == 0) {
        dfota_json_null(json, "in_place");
        return;
    }
    dfota_json_begin_object(json, "in_place");
    if (use->sector > 0)
        dfota_json_number(json, "sector", use->sector);
    dfota_json_number(json, "scratch", use->scratch);
    dfota_json_number(json, "segment", use->segment);
    dfota_json_number(json, "segments", use->segments);
    dfota_json_number(json, "stash", use->stash);
    dfota_json_end(json);
}
