/* SPDX-License-Identifier: MIT */
/*
 * error.h - how every part of dfota reports that something went wrong
 *
 * A function that can fail returns an enum dfota_error and, through a fault,
 * the place: which file, at which offset, which rule of docs/SPEC.md.  Nothing
 * in the library prints, exits, or keeps a last error.
 */
#ifndef DFOTA_ERROR_H
#define DFOTA_ERROR_H

#include <stdint.h>

#define DFOTA_API __attribute__((visibility("default")))

/* What happened, for a program to branch on.  Only ever append. */
enum dfota_error {
    DFOTA_OK = 0,
    DFOTA_ERR_IO,          /* the system refused; os_error says why */
    DFOTA_ERR_MEMORY,      /* an allocation failed */
    DFOTA_ERR_FORMAT,      /* not this kind of file: try another reader */
    DFOTA_ERR_UNSUPPORTED, /* well formed, but newer than this reader */
    DFOTA_ERR_TRUNCATED,   /* the file ends too early */
    DFOTA_ERR_CORRUPT,     /* a value no writer can have meant */
    DFOTA_ERR_LIMIT,       /* valid, but larger than the caller allows */
    DFOTA_ERR_DIGEST,      /* the contents differ from their recorded digest */
    DFOTA_ERR_REFUSED,     /* readable, but a rule forbids to go on with it */
    DFOTA_ERR_USAGE        /* the request itself makes no sense */
};

/* The value of `offset` where no single byte is at fault. */
#define DFOTA_NO_OFFSET   UINT64_MAX

#define DFOTA_DETAIL_SIZE 120 /* bytes, the terminator included */

/* Where it happened, for a person to read.  Owns nothing; needs no release. */
struct dfota_fault {
    enum dfota_error error;
    const char *input; /* path of the file at fault, or NULL */
    uint64_t offset;   /* bytes from the start of that file */
    const char *rule;  /* the rule in docs/ it breaks, such as "DLT-3" */
    int os_error;      /* errno, when `error` is DFOTA_ERR_IO */
    char detail[DFOTA_DETAIL_SIZE]; /* what was found there, or "" */
};

/*
 * Refuses an input: records where and why in `fault`, unless NULL, and returns
 * `error`, so that a parser refuses in one line.  `rule` is a string literal.
 * Leaves `fault->input` alone: who opened the file names it.
 */
DFOTA_API enum dfota_error dfota_fail(struct dfota_fault *fault,
                                      enum dfota_error error, uint64_t offset,
                                      const char *rule);

/* One sentence without full stop for `error`, such as "file ends too early". */
DFOTA_API const char *dfota_error_text(enum dfota_error error);

/*
 * One sentence without full stop for what `rule` demands and the input broke,
 * such as "the magic is not that of a delta"; NULL for an unknown name.
 */
DFOTA_API const char *dfota_rule_text(const char *rule);

#endif
