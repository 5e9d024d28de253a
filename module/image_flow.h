/* SPDX-License-Identifier: MIT */
/*
 * image_flow.h - DFOTA in place on the module's flash, by the applier's own
 * steps
 *
 * The package, the scratch area and the journal lie behind the image, in a file
 * of their own.
 */
#ifndef DFOTA_MODULE_IMAGE_FLOW_H
#define DFOTA_MODULE_IMAGE_FLOW_H

#include "module/module.h"

/*
 * Stores the package that was fetched, if it is one to be applied in place, and
 * notes that in `state`.  False for another one.
 */
bool image_flow_prepare(struct module *module);

/* Whether it is noted. */
bool image_flow_is_prepared(const struct module *module);

/*
 * Goes on with it to the end.  False when something fails; where nothing has
 * been overwritten by then, there is no note of it any more.
 */
bool image_flow_run(struct module *module);

/* Takes back the note of what is stored.  The caller saves that. */
void image_flow_forget(struct module *module);

/*
 * Removes what was stored: after the note of it is gone for good.  Else a cut
 * between the two leaves a note of a journal that is no more, and the module
 * would begin anew with a flash that is new already.
 */
void image_flow_clear(const struct module *module);

#endif
