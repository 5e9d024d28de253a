/* SPDX-License-Identifier: MIT */
/*
 * at.h - AT command lines: bytes to lines, lines to commands, parameters
 *
 *     ATE0I+QCFG="usbifc",2,2;+QFLDS?
 *       '' ' '----------------' '----'
 *
 * Judges the form only: what a command means is the module's business.  What
 * stands between AT and the line's end is a row of basic commands (a letter,
 * or & and a letter, then digits) and extended ones (+ and a name), each
 * extended one ended by a semicolon or the line's end.
 *
 * Source: LTE Standard(A) DFOTA guide 3.1, RG50xQ & RM5xxQ DFOTA note 3.1,
 *         ITU-T V.250 chapter 5.
 */
#ifndef DFOTA_LIB_MODULE_AT_H
#define DFOTA_LIB_MODULE_AT_H

#include <stdbool.h>
#include <stddef.h>

#define DFOTA_AT_LINE_MAX 2048 /* bytes of a line without its end */
#define DFOTA_AT_NAME_MAX 16   /* bytes of a command's name, + included */
#define DFOTA_AT_PARAMS   8    /* parameters of a command */

/* --- lines ---------------------------------------------------------------- */

/* Bytes becoming a line.  {0} is empty; owns nothing. */
struct dfota_at_framer {
    char line[DFOTA_AT_LINE_MAX + 1]; /* a C string when it is complete */
    size_t size;
    bool too_long; /* it has had more bytes than it may */
};

enum dfota_at_event {
    DFOTA_AT_NOTHING, /* the line is not complete */
    DFOTA_AT_LINE,    /* `line` is; the next byte begins another */
    DFOTA_AT_TOO_LONG /* the line that ends here cannot be kept */
};

/*
 * Takes one byte.  CR ends a line; backspace takes the last byte back; other
 * control characters, LF among them, are passed over.
 */
enum dfota_at_event dfota_at_feed(struct dfota_at_framer *framer,
                                  unsigned char byte);

/* --- commands ------------------------------------------------------------- */

enum dfota_at_form {
    DFOTA_AT_EXECUTE, /* nothing follows the name, or digits a basic one */
    DFOTA_AT_READ,    /* ? */
    DFOTA_AT_TEST,    /* =? */
    DFOTA_AT_SET      /* = and parameters */
};

/* A parameter, without its quotes.  Points into the line. */
struct dfota_at_param {
    const char *text;
    size_t size;
    bool quoted;
};

struct dfota_at_command {
    char name[DFOTA_AT_NAME_MAX + 1]; /* in upper case: "E", "&F", "+QFLDS" */
    enum dfota_at_form form;
    unsigned number;  /* digits after a basic command, 0 without */
    const char *text; /* all of it, without AT and semicolon */
    size_t size;
    size_t count; /* of `params`; 1 at least for DFOTA_AT_SET */
    struct dfota_at_param params[DFOTA_AT_PARAMS];
};

/* How far a line has been read. */
struct dfota_at_cursor {
    const char *next;
};

/*
 * Begins to read `line`, which must outlive the cursor and the commands.
 * False when it does not begin with AT or at, and is no command line.
 */
bool dfota_at_begin(const char *line, struct dfota_at_cursor *cursor);

enum dfota_at_result {
    DFOTA_AT_COMMAND, /* `*out` holds the next one */
    DFOTA_AT_END,     /* there is none */
    DFOTA_AT_BROKEN   /* what follows has no known form: the end as well */
};

/* Reads the next command; `*out` is untouched unless there is one. */
enum dfota_at_result dfota_at_next(struct dfota_at_cursor *cursor,
                                   struct dfota_at_command *out);

/* --- parameters ----------------------------------------------------------- */

/* Reads parameter `index` as a decimal number from 0 to `max`, without quotes.
 * False, and `*out` untouched, when it is missing or something else. */
bool dfota_at_number(const struct dfota_at_command *command, size_t index,
                     unsigned max, unsigned *out);

/* Copies parameter `index`, which is in quotes, and has 1 to `size` - 1 bytes.
 * False, and `out` untouched, when it is missing or something else. */
bool dfota_at_text(const struct dfota_at_command *command, size_t index,
                   char *out, size_t size);

/* True when parameter `index` is `text` in quotes, in any case. */
bool dfota_at_is(const struct dfota_at_command *command, size_t index,
                 const char *text);

#endif
