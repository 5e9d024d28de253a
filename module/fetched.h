/* SPDX-License-Identifier: MIT */
/*
 * fetched.h - the package that a module has fetched: its name, what the checks
 * say to it, and what it makes of the flash
 *
 * The checks are those of dfota_job_verify() and the new image is made by
 * dfota_job_apply(), so that verifier and module cannot disagree.
 */
#ifndef DFOTA_MODULE_FETCHED_H
#define DFOTA_MODULE_FETCHED_H

#include "dfota/job.h"
#include "module/module.h"

/* The package's path, by `state`: fetched, or one of the module's own files. */
void fetched_path(const struct module *module, char out[MODULE_PATH_SIZE]);

/* That of the .mini_2 beside it. */
void fetched_second_path(const struct module *module,
                         char out[MODULE_PATH_SIZE]);

/* Names the file in which the package at the URL of `state` will be kept. */
void fetched_name(struct module *module);

/* The module's answer to the package: 0, or the code to report. */
unsigned fetched_check(struct module *module);

/* The same to the first 2,048 bytes of a .mini_1. */
unsigned fetched_check_header(struct module *module);

/* Whether a .mini_1 is as long, and has the MD5, as its header says. */
bool fetched_is_whole(struct module *module);

/* Notes in `state` the version to which the package leads, "" when it does not
 * say. */
void fetched_read_target(struct module *module);

/* Whether the flash may be neither the old one nor the new one: then there is
 * no way but to the end. */
bool fetched_is_begun(const struct module *module);

/*
 * Writes the new image, by the applier's steps where the package is one to be
 * applied in place.  Else it is made beside the flash and announced in `state`
 * first.  What an earlier try has begun is gone on with.  False when something
 * fails: the flash is untouched unless fetched_is_begun().
 */
bool fetched_flash(struct module *module);

/* The code for an upgrade that failed for no reason with a code of its own. */
unsigned fetched_general_code(const struct module *module);

#endif
