/* SPDX-License-Identifier: MIT */
/*
 * codes.h - result codes and what they mean, in English and Chinese
 *
 * A list belongs to a family's documents, and a rule set (rules.h) points to
 * the lists of its revision; a revision that changes one brings its own.  The
 * texts are ours, the meaning is the vendor's.
 */
#ifndef DFOTA_LIB_MODULE_CODES_H
#define DFOTA_LIB_MODULE_CODES_H

#include <stddef.h>

/* Codes `first` to `last`, often one, and their meaning, without full stop. */
struct dfota_code {
    unsigned first;
    unsigned last;
    const char *english;
    const char *chinese; /* UTF-8 */
};

struct dfota_code_list {
    const struct dfota_code *items;
    size_t count;
};

/* The entry of `code`, or NULL when the document gives it no meaning. */
const struct dfota_code *dfota_code_find(const struct dfota_code_list *list,
                                         unsigned code);

/* LTE Standard(A) DFOTA guide 1.4: 6.4, 6.1, 6.2, 6.3. */
extern const struct dfota_code_list dfota_codes_lte_standard_a_err;
extern const struct dfota_code_list dfota_codes_lte_standard_a_ftp;
extern const struct dfota_code_list dfota_codes_lte_standard_a_http;
extern const struct dfota_code_list dfota_codes_lte_standard_a_file;

#endif
