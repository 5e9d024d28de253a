/* SPDX-License-Identifier: MIT */
/*
 * mini_flow.h - MiniFOTA on the module's flash, by the applier's own steps
 *
 * The journal tells what is to be done, and is opened anew for each step, as
 * after a start.  It lies in the flash where the package changes nothing, and
 * in a file of its own; delta and backup lie in the big system.
 */
#ifndef DFOTA_MODULE_MINI_FLOW_H
#define DFOTA_MODULE_MINI_FLOW_H

#include "dfota/mini.h"
#include "dfota/upgrade.h"
#include "module/module.h"

/* Reads the header of the .mini_1 that was fetched; false when none was. */
bool mini_flow_read_header(const struct module *module,
                           struct dfota_mini_header *out);

/*
 * Chooses areas for the package of `header`, notes them in `state`, and begins
 * with an empty journal.  False when the flash has no room for them.
 */
bool mini_flow_prepare(struct module *module,
                       const struct dfota_mini_header *header);

/* What is to be done with the flow in the background. */
enum mini_flow_task {
    MINI_FLOW_LOOK,  /* nothing, but to see what its step is */
    MINI_FLOW_BEGIN, /* there is a package, maybe another one */
    MINI_FLOW_RUN    /* its step */
};

/* How that went: its step afterwards, IDLE where the flash cannot be opened. */
struct mini_flow_end {
    enum dfota_error err;
    enum dfota_mini_step step;
};

/* Does it with the files that were fetched, serving the port meanwhile. */
struct mini_flow_end mini_flow_do(struct module *module,
                                  enum mini_flow_task task);

/*
 * Runs the step while `fetch` fetches .mini_2, which is waited for and read as
 * it comes; false from `fetch` says that there will not be more of it.
 */
struct mini_flow_end mini_flow_stream(struct module *module,
                                      bool (*fetch)(struct module *module),
                                      bool *fetched);

/* For `fetch`: so many bytes of .mini_2 are in its file. */
void mini_flow_arrived(struct module *module, uint64_t size);

#endif
