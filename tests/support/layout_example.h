/* SPDX-License-Identifier: MIT */
/*
 * layout_example.h - the worked example of docs/layout.md, to read and to edit
 *
 * Include after cmocka.h.
 */
#ifndef DFOTA_TESTS_SUPPORT_LAYOUT_EXAMPLE_H
#define DFOTA_TESTS_SUPPORT_LAYOUT_EXAMPLE_H

#include <stdlib.h>
#include <string.h>

#include "format/layout.h"
#include "tests/support/edited.h"

/* Means what testdata/flash8m-layout.json does, in another order. */
static const char layout_example[] =
    "{\n"
    "  \"flash\": { \"size\": \"8M\", \"sector\": 4096,"
    " \"program_unit\": 1, \"erased\": 255, \"scratch\": \"64K\" },\n"
    "  \"partitions\": [\n"
    "    { \"name\": \"app\", \"offset\": \"0x180000\","
    " \"size\": \"0x640000\", \"role\": \"app\" },\n"
    "    { \"name\": \"boot\", \"offset\": 0,"
    " \"size\": \"0x0a0000\", \"role\": \"keep\" },\n"
    "    { \"name\": \"nv\", \"offset\": \"0x7c0000\","
    " \"size\": \"0x040000\", \"role\": \"keep\" },\n"
    "    { \"name\": \"mini\", \"offset\": \"0x0a0000\","
    " \"size\": \"0x0e0000\", \"role\": \"mini\" }\n"
    "  ]\n"
    "}\n";

/* What is behind the name of its big system. */
#define EXAMPLE_APP                                                            \
    "\"offset\": \"0x180000\", \"size\": \"0x640000\", \"role\": \"app\""

/* The same of two, with one sector left out, and `between` that as well. */
#define EXAMPLE_TWO_APPS(between)                                              \
    "\"offset\": \"0x180000\", \"size\": \"0x100000\", \"role\": \"app\" }, "  \
    "{ \"name\": \"app2\", \"offset\": \"0x281000\", \"size\": \"0x100000\","  \
    " \"role\": \"app\" " between

/* What was read, and what was wrong with it. */
static struct dfota_layout layout;
static struct dfota_fault fault;

static inline enum dfota_error read_text(const char *text)
{
    return dfota_layout_read(
        (struct dfota_view){(const uint8_t *)text, strlen(text)}, &layout,
        &fault);
}

/* Reads the example with its only `from` replaced by `to`. */
static inline enum dfota_error read_edited(const char *from, const char *to)
{
    char *text = edited(layout_example, from, to);
    enum dfota_error err = read_text(text);

    free(text);
    return err;
}

#endif
