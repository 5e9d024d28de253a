/* SPDX-License-Identifier: MIT */
/*
 * module.h - one virtual module: what it is, what it remembers, how it waits
 *
 * Everything runs in one thread but the jobs (background.h).  Whoever has to
 * wait calls module_wait() or module_pump(), which serve the port meanwhile;
 * after that, module_interrupted() tells whether to give up what one is doing.
 */
#ifndef DFOTA_MODULE_MODULE_H
#define DFOTA_MODULE_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"
#include "lib/module/at.h"
#include "lib/module/rules.h"
#include "lib/module/version.h"
#include "module/flash_file.h"
#include "module/network.h"
#include "module/port.h"
#include "module/state.h"
#include "module/trace.h"

#define MODULE_PATH_SIZE  4096 /* bytes, with the NUL */
#define MODULE_CONTEXTS   16   /* PDP contexts, from 1 */
#define MODULE_STATE_NAME "state.json"
#define MODULE_NEW_IMAGE  "image.new" /* a file or folder, being made */

/* How UPDATING counts under DFOTA: the sequences seen in the documents. */
enum module_steps {
    MODULE_STEPS_EACH,     /* 1, 2, ... 100: A 3.3.1, B 3.3.2 */
    MODULE_STEPS_TENS,     /* 20, 30, ... 100: B 4 */
    MODULE_STEPS_TWENTIES, /* 1, 20, ... 100: B 3.3.1 */
    MODULE_STEPS_TWELFTHS  /* 8, 16, ... 91: A figure 5 */
};

/* Bits of a set: habits of real modules that no document describes. */
enum module_quirk {
    MODULE_QUIRK_COALESCE = 1,         /* several URCs in one write */
    MODULE_QUIRK_JUNK = 2,             /* noise before a URC after a reboot */
    MODULE_QUIRK_HTTPSSTART = 4,       /* HTTPSSTART, HTTPSEND for https */
    MODULE_QUIRK_END_BEFORE_START = 8, /* a refusal's END without START */
    MODULE_QUIRK_POWER_LOSS = 16       /* an upgrade does not survive one */
};

/* As given on the command line. */
struct module_options {
    const char *version;
    const char *flash;
    const char *state; /* folder */
    const char *port;
    const char *link;
    const char *trace;
    const char *cut_at;
    uint64_t cut_after; /* operation of the flash; 0: none */
    const char *flash_error;
    const char *network_loss;
    const char *resolve; /* HOST:PORT:ADDRESS[:PORT] */
    const char *cacert;
    const char *rules;
    const char *quirks;
    uint64_t ufs;  /* bytes of the module's file system; 0: the default */
    unsigned seed; /* 1 or more */
    bool fast;
    enum module_steps steps;
};

/* Who hears what comes in at the port. */
enum module_mode {
    MODULE_NORMAL,   /* all commands */
    MODULE_DOWNLOAD, /* MiniFOTA: registration and AT+QFOTADL alone */
    MODULE_DEAF      /* rebooting or patching: nobody */
};

struct module;

/* What a reboot forgets. */
struct module_session {
    bool no_echo;
    unsigned cme; /* AT+CMEE */
    unsigned ifc; /* AT+IFC=x,x; 2 is hardware flow control */
    bool context_set[MODULE_CONTEXTS + 1];
    bool context_active[MODULE_CONTEXTS + 1];
    char apn[MODULE_CONTEXTS + 1][64];
};

/*
 * Bytes that are no commands: a file that the host sends.  The one who takes
 * them, or who is told that none came in time, sets `take` to NULL at the end.
 */
struct module_intake {
    /* Takes up to `size` bytes and returns how many; NULL: commands. */
    size_t (*take)(struct module *module, const uint8_t *bytes, size_t size);
    void (*expire)(struct module *module);
    uint64_t deadline; /* module_clock() until which some must come */
};

struct module {
    const struct module_options *options;
    unsigned quirks;
    struct dfota_version version;
    const struct dfota_rules *rules;
    enum dfota_method method;
    const struct dfota_profile *profile;
    char folder[MODULE_PATH_SIZE]; /* of the lasting state */
    char state_path[MODULE_PATH_SIZE];
    char flash[MODULE_PATH_SIZE]; /* where image or folder really are */
    bool flash_is_folder;
    uint64_t flash_size; /* bytes of the image, when it was opened */
    struct module_state state;
    struct module_port port;
    struct module_trace trace;
    struct module_session session;
    struct module_network network;
    struct flash_faults faults;
    struct module_intake intake;
    struct dfota_at_framer framer;
    enum module_mode mode;
    bool busy;   /* an upgrade runs */
    bool wanted; /* AT+QFOTADL was taken: see `state` and `file_length` */
    bool reset;  /* AT+CFUN=1,1 was taken */
    uint64_t file_length;           /* of "FILE:<length>", or 0 */
    struct module_upload *upload;   /* AT+QFUPL, or NULL */
    struct module_receive *receive; /* "FILE:<length>", or NULL */
    struct mini_flow *flow;         /* that waits for .mini_2, or NULL */
    int lock;                       /* the file that says we run */
    unsigned reported;              /* the last progress that was printed */
    uint32_t random;
    int urcs_held; /* in the port's buffer, for MODULE_QUIRK_COALESCE */
};

/*
 * Prepares a module from its options: reads or begins its state, opens its
 * port.  module_close() is to be called whatever comes of it.  Errors: those
 * of the files, of the version string (VER), and
 *   DFOTA_ERR_USAGE    no --module and no state, or what is no port, rule set,
 *                      quirk; the detail says which
 *   DFOTA_ERR_REFUSED  another process runs this module
 */
enum dfota_error module_open(struct module *module,
                             const struct module_options *options,
                             struct dfota_fault *fault);
void module_close(struct module *module);

/* Switches on, and serves the port until the end of the process. */
void module_run(struct module *module);

/* The handler of signals that end the process. */
void module_on_signal(int number);

/* --- waiting -------------------------------------------------------------- */

/* Waits for input, at most `ms`, and deals with what there is. */
void module_pump(struct module *module, int ms);

/* How long `ms` of the module's own time really are. */
unsigned module_scale(const struct module *module, unsigned ms);

/* Lets `ms` of the module's own time pass, serving the port; less if fast. */
void module_wait(struct module *module, unsigned ms);

/* True after AT+CFUN=1,1 and when the process is to end. */
bool module_interrupted(const struct module *module);

/* True when the process is to end. */
bool module_stopped(const struct module *module);

/* The port falls silent for as long as a reboot takes; the session ends. */
void module_reboot(struct module *module, enum module_mode mode);

/* Milliseconds of the monotonic clock. */
uint64_t module_clock(void);

/* A number from 0 to `below` - 1, the same for the same seed. */
unsigned module_random(struct module *module, unsigned below);

/* --- saying --------------------------------------------------------------- */

/* Prints <CR><LF>text<CR><LF>. */
__attribute__((format(printf, 2, 3))) void module_say(struct module *module,
                                                      const char *format, ...);

/* Prints +QIND: "FOTA",text. */
__attribute__((format(printf, 2, 3))) void module_urc(struct module *module,
                                                      const char *format, ...);

/* Lets go of URCs that were held back. */
void module_flush(struct module *module);

/* --- files ---------------------------------------------------------------- */

/* Writes FOLDER/name to `out`, of MODULE_PATH_SIZE bytes. */
void module_path(const struct module *module, const char *name, char *out);

/* Keeps the lasting state; a failure is reported on stderr, and the process
 * ends, as a module without flash would. */
void module_save(struct module *module);

#endif
