/* SPDX-License-Identifier: MIT */
/*
 * rules.h - what one revision of a vendor's document says, as data
 *
 * A rule set is a constant: limits, forms, codes and behaviour, with the
 * chapter of each in its file.  A new revision is one new file and one line of
 * the list in rules.c.  url.h and command.h check texts against a rule set;
 * what to do about a package is the verifier's business.
 *
 * Where a document contradicts itself the stricter reading is the rule.
 */
#ifndef DFOTA_LIB_MODULE_RULES_H
#define DFOTA_LIB_MODULE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/module/codes.h"
#include "lib/module/finding.h"
#include "lib/module/model.h"
#include "lib/module/version.h"

/* Bits of a set. */
enum dfota_scheme {
    DFOTA_SCHEME_FTP = 1,
    DFOTA_SCHEME_HTTP = 2,
    DFOTA_SCHEME_HTTPS = 4
};

/* A module or series in the document's table of them. */
struct dfota_rules_module {
    const char *head;    /* "EC200M"; NULL ends the list */
    const char *region;  /* "CN", or NULL for the whole series */
    const char *note;    /* a reservation of the document, or NULL */
    unsigned no_schemes; /* schemes that some of these modules lack */
};

/* How far a number in AT+QFOTADL has an effect. */
enum dfota_setting {
    DFOTA_SETTING_FREE,
    DFOTA_SETTING_IGNORED, /* accepted in form, without effect: a warning */
    DFOTA_SETTING_REFUSED  /* not to be given at all */
};

/* What a module tells its host while it upgrades. */
struct dfota_urc_rules {
    bool download_result;    /* "<X>START" and "<X>END",<code> */
    bool download_progress;  /* "DOWNLOADING",<n> up to the maximum set */
    bool upgrade_start;      /* "START" before the first "UPDATING" */
    unsigned first_file_end; /* percent that end .mini_1, 0 for one package */
};

/* What holds for one method at one flash size. */
struct dfota_profile {
    enum dfota_method method; /* DFOTA_METHOD_UNKNOWN ends the list */
    unsigned flash_mb;        /* 0: every size without an entry of its own */
    unsigned schemes;         /* set of enum dfota_scheme that are allowed */
    unsigned doubtful;        /* of those, not on every flash size */
    const char *ftp_reason;   /* why FTP is doubtful or missing, or NULL */
    const char *https_reason; /* the same for HTTPS */
    size_t url_max;           /* bytes */
    bool characters_stated;   /* the document forbids special characters */
    bool query;               /* a URL may have one */
    bool host_file;           /* "FILE:<length>" */
    const char *name_ends;    /* the file in the URL ends so, or NULL */
    const char *second_ends;  /* the file fetched after it, or NULL */
    const char *name_never;   /* the file's extension never begins so, or NULL
                               */
    enum dfota_setting download_urc;
    enum dfota_setting update_urc;
    struct dfota_urc_rules urc;
    bool codes_by_analogy; /* the codes are documented for DFOTA only */
};

/* 0 means that the document states no limit. */
struct dfota_ftp_limits {
    size_t user_max;     /* bytes */
    size_t password_max; /* bytes */
    size_t host_max;     /* bytes */
    size_t file_max;     /* bytes */
    bool root_only;      /* packages lie in the root directory */
    bool address_only;   /* the host is described as an IP address only */
};

/* Ways in which a package can fail to suit a module. */
enum dfota_mismatch {
    DFOTA_MISMATCH_PROJECT,
    DFOTA_MISMATCH_BASELINE,
    DFOTA_MISMATCH_VERSION,
    DFOTA_MISMATCH_FLASH,  /* flash size; no document names it */
    DFOTA_MISMATCH_SOURCE, /* what is flashed is not what the delta expects */
    DFOTA_MISMATCH_CONTAINER,
    DFOTA_MISMATCH_APPLY, /* a trial application failed */
    DFOTA_MISMATCH_SPACE, /* not enough free space */
    DFOTA_MISMATCH_SIZE,  /* the package is larger than the module takes */
    DFOTA_MISMATCH_COUNT
};

struct dfota_rules {
    const char *name;   /* "lte-standard-a-1.4" */
    const char *source; /* the document, for a person to look it up */
    const char *date;   /* of that revision, as YYYY-MM-DD */
    bool official;      /* read from the document itself, not from a digest */
    enum dfota_family family;
    const struct dfota_rules_module *modules;
    const struct dfota_profile *profiles;

    struct dfota_ftp_limits ftp;
    unsigned port_default_ftp;
    unsigned port_default_http; /* of HTTPS too, as the documents have it */

    unsigned params_max;           /* numbers after the URL */
    unsigned mode_max;             /* upgrade_mode is 0 to this */
    unsigned urc_min;              /* a URC maximum is 0, or from this */
    unsigned urc_max;              /* to this */
    unsigned protocol_mode;        /* the number after "FILE:<length>", or 0 */
    const char *protocol_answer;   /* what the module answers to it */
    size_t local_path_max;         /* bytes; 0: no package in own files */
    const char *local_path_prefix; /* how paths in UFS begin */

    const struct dfota_code_list *err;
    const struct dfota_code_list *ftp_err;
    const struct dfota_code_list *http_err;
    const struct dfota_code_list *file_err;
    unsigned mismatch[DFOTA_MISMATCH_COUNT]; /* <err>; 0: none documented */

    unsigned retries;     /* after an error in upgrading; 0: not stated */
    unsigned urc_seconds; /* until URCs resume after the reboot; likewise */
    unsigned answer_ms;   /* until the command is answered; likewise */

    const char *const *partitions; /* that are images of their own, up to NULL;
                                    * or NULL */
    bool space_for_images;         /* room is needed beside the package too */
    bool forced_mode; /* a power loss while upgrading leads to retries without
                       * limit */
    const char *apply_codes; /* all codes of writing that fails, in words; or
                              * NULL */

    bool never_rezip; /* packages must not be unpacked and packed again */
};

/* The rule set called `name`, or NULL. */
const struct dfota_rules *dfota_rules_find(const char *name);

/*
 * The rule set a family has unless somebody asks for another: the newest whose
 * source is official.  NULL for DFOTA_FAMILY_NONE.
 */
const struct dfota_rules *dfota_rules_default(enum dfota_family family);

/* The `index`-th of all rule sets, from 0, or NULL behind the last. */
const struct dfota_rules *dfota_rules_at(size_t index);

/*
 * What holds for `method` at `flash_mb` (0: not known); NULL when the document
 * knows no such method.
 */
const struct dfota_profile *dfota_rules_profile(const struct dfota_rules *rules,
                                                enum dfota_method method,
                                                unsigned flash_mb);

/*
 * The entry of the document's table that covers a model head and region, or
 * NULL.  `region` NULL or "" is covered by series only.
 */
const struct dfota_rules_module *
dfota_rules_module(const struct dfota_rules *rules, const char *head,
                   const char *region);

/*
 * Checks that `version` is of a module the rules are for, and that `method`,
 * that of the package, is the module's.  Adds to `findings`:
 *   MOD-1  fail: another family; warn: not in the document's table, or there
 *          with a reservation
 *   MOD-2  fail: the module's model and flash size call for another method;
 *          skip: they decide none, or `method` is unknown
 */
void dfota_rules_check_module(const struct dfota_rules *rules,
                              const struct dfota_version *version,
                              enum dfota_method method,
                              struct dfota_findings *findings);

#endif
