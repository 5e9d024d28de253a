/* SPDX-License-Identifier: MIT */
/*
 * model.h - the modules the documents speak of, their family and method
 *
 * Which of them a revision of a document lists is that rule set's business
 * (rules.h); this table says what a model is, listed or not.
 *
 * Source: LTE Standard(A) DFOTA guide 1.2 and 4; RG50xQ & RM5xxQ DFOTA note
 *         1.1 and, for RM520N, its example in 3.3.1.
 */
#ifndef DFOTA_LIB_MODULE_MODEL_H
#define DFOTA_LIB_MODULE_MODEL_H

#include <stdbool.h>
#include <stddef.h>

enum dfota_family {
    DFOTA_FAMILY_NONE, /* not known */
    DFOTA_FAMILY_LTE_STANDARD_A,
    DFOTA_FAMILY_RG50X_RM5XX
};

enum dfota_method {
    DFOTA_METHOD_UNKNOWN,
    DFOTA_METHOD_DFOTA, /* one package, downloaded whole, then applied */
    DFOTA_METHOD_MINI   /* MiniFOTA: .mini_1, then .mini_2 */
};

struct dfota_model {
    const char *head; /* how a version string begins: "EC200N" */
    enum dfota_family family;
    bool dfota_only; /* DFOTA whatever the flash size */
};

/*
 * The model whose head is the longest one that `text` (`size` bytes) begins
 * with, or NULL.  The result is constant and lives for ever.
 */
const struct dfota_model *dfota_model_find(const char *text, size_t size);

/*
 * How a module is updated.  `model` NULL is an unknown one, for which flash
 * size alone speaks.  `flash_mb` is in MB, 0 when not stated or on another
 * scale.  DFOTA_METHOD_UNKNOWN when these two decide nothing.
 */
enum dfota_method dfota_model_method(const struct dfota_model *model,
                                     unsigned flash_mb);

/* "lte-standard-a" or "rg50x-rm5xx"; NULL for DFOTA_FAMILY_NONE. */
const char *dfota_family_name(enum dfota_family family);

/* The family of that name, or DFOTA_FAMILY_NONE. */
enum dfota_family dfota_family_find(const char *name);

/* "DFOTA" or "MiniFOTA"; "unknown method" for DFOTA_METHOD_UNKNOWN. */
const char *dfota_method_name(enum dfota_method method);

#endif
