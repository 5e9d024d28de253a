/* SPDX-License-Identifier: MIT */
/* open.c - from options to a module that can be switched on */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/fault.h"
#include "module/module.h"
#include "module/quirks.h"
#include "module/receive.h"
#include "module/ufs.h"
#include "module/upload.h"

#define PATH_ROOM    512 /* bytes for names in the folder */
#define DOWNLOAD_MAX 100 /* download_URC_max, until it is set */

static enum dfota_error make_folder(const char *path, struct dfota_fault *fault)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return dfota_fail_os(fault, path);
    return DFOTA_OK;
}

/* The folder of the state, and those in it. */
static enum dfota_error make_folders(const struct module *module,
                                     struct dfota_fault *fault)
{
    static const char *const names[] = {"ufs", "package"};
    enum dfota_error err = make_folder(module->folder, fault);
    char path[MODULE_PATH_SIZE];

    for (size_t i = 0; !err && i < sizeof(names) / sizeof(names[0]); i++) {
        module_path(module, names[i], path);
        err = make_folder(path, fault);
        if (err && fault != NULL) /* which must not name what is gone */
            fault->input = module->folder;
    }
    return err;
}

static enum dfota_error fail_text(struct dfota_fault *fault,
                                  enum dfota_error error, const char *text)
{
    return dfota_fail_detail(fault, error, DFOTA_NO_OFFSET, NULL, "%s", text);
}

/* One process, one module: the lock goes with the process, however it ends. */
static enum dfota_error lock_folder(struct module *module,
                                    struct dfota_fault *fault)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char path[MODULE_PATH_SIZE];

    module_path(module, "lock", path);
    module->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (module->lock < 0)
        return dfota_fail_os(fault, module->folder);
    if (fcntl(module->lock, F_SETLK, &lock) != 0)
        return fail_text(fault, DFOTA_ERR_REFUSED,
                         "another process runs this module");
    return DFOTA_OK;
}

/* Where the state is when nobody says: the flash's name with .state behind. */
static int name_folder(struct module *module)
{
    const char *flash = module->options->flash;
    size_t size = strlen(flash);

    if (module->options->state != NULL)
        return snprintf(module->folder, sizeof(module->folder), "%s",
                        module->options->state);
    while (size > 1 && flash[size - 1] == '/')
        size--;
    return snprintf(module->folder, sizeof(module->folder), "%.*s.state",
                    (int)size, flash);
}

/* What kind of flash it is; new images are made in the folder of the state. */
static enum dfota_error open_flash(struct module *module,
                                   struct dfota_fault *fault)
{
    struct stat folder;
    struct stat flash;

    if (stat(module->folder, &folder) != 0 || stat(module->flash, &flash) != 0)
        return dfota_fail_os(fault, module->flash);
    module->flash_is_folder = S_ISDIR(flash.st_mode);
    if ((!S_ISREG(flash.st_mode) && !module->flash_is_folder) ||
        folder.st_dev != flash.st_dev)
        return fail_text(fault, DFOTA_ERR_USAGE,
                         "--flash must be a file or folder, and --state a "
                         "folder of the same file system");
    module->flash_size = (uint64_t)flash.st_size;
    return DFOTA_OK;
}

/* The folder of the state, and the flash, which must be able to get there. */
static enum dfota_error open_folder(struct module *module,
                                    struct dfota_fault *fault)
{
    char *real = realpath(module->options->flash, NULL);
    enum dfota_error err;
    int size;

    if (real == NULL)
        return dfota_fail_os(fault, module->options->flash);
    size = snprintf(module->flash, sizeof(module->flash), "%s", real);
    free(real);
    size += name_folder(module);
    if (size >= MODULE_PATH_SIZE - PATH_ROOM)
        return fail_text(fault, DFOTA_ERR_USAGE, "the paths are too long");
    err = make_folders(module, fault);
    if (!err)
        err = open_flash(module, fault);
    if (err)
        return err;
    return lock_folder(module, fault);
}

static enum dfota_error open_state(struct module *module,
                                   struct dfota_fault *fault)
{
    const char *version = module->options->version;
    const char *path = module->state_path;
    bool found = false;
    enum dfota_error err;

    module_path(module, MODULE_STATE_NAME, module->state_path);
    err = module_state_read(path, &module->state, &found, fault);
    if (err || found)
        return err;
    if (version == NULL)
        return fail_text(fault, DFOTA_ERR_USAGE,
                         "a new module needs --module VERSION");
    err =
        dfota_version_parse(version, strlen(version), &module->version, fault);
    if (err)
        return err;
    module->state.download_max = DOWNLOAD_MAX;
    snprintf(module->state.version, sizeof(module->state.version), "%s",
             version);
    return module_state_write(path, &module->state, fault);
}

/* What the module is, by its version. */
static enum dfota_error identify(struct module *module,
                                 struct dfota_fault *fault)
{
    const char *text = module->state.version;
    const char *name = module->options->rules;
    enum dfota_family family = DFOTA_FAMILY_LTE_STANDARD_A;
    enum dfota_error err;

    err = dfota_version_parse(text, strlen(text), &module->version, fault);
    if (err)
        return err;
    if (module->version.model != NULL)
        family = module->version.model->family;
    module->rules =
        name != NULL ? dfota_rules_find(name) : dfota_rules_default(family);
    if (module->rules == NULL)
        return dfota_fail_detail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET,
                                 "VFY-0", "%s", name != NULL ? name : text);
    module->method = dfota_version_method(&module->version);
    if (module->method == DFOTA_METHOD_UNKNOWN)
        module->method = DFOTA_METHOD_DFOTA;
    module->profile = dfota_rules_profile(module->rules, module->method,
                                          module->version.flash_mb);
    if (module->profile == NULL)
        return fail_text(fault, DFOTA_ERR_USAGE,
                         "the rule set is not for such a module");
    if (module->flash_is_folder &&
        module->rules->family != DFOTA_FAMILY_RG50X_RM5XX)
        return fail_text(fault, DFOTA_ERR_USAGE,
                         "a folder of partition images is for RG and RM "
                         "modules");
    return DFOTA_OK;
}

/* What libcurl would notice too late. */
static enum dfota_error check_servers(const struct module_options *options,
                                      struct dfota_fault *fault)
{
    const char *colon =
        options->resolve != NULL ? strchr(options->resolve, ':') : NULL;

    if (options->resolve != NULL &&
        (colon == NULL || strchr(colon + 1, ':') == NULL))
        return dfota_fail_detail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, NULL,
                                 "'%s' is not HOST:PORT:ADDRESS",
                                 options->resolve);
    if (options->cacert != NULL && access(options->cacert, R_OK) != 0)
        return dfota_fail_os(fault, options->cacert);
    return DFOTA_OK;
}

/* What is to go wrong. */
static enum dfota_error read_faults(struct module *module,
                                    struct dfota_fault *fault)
{
    const struct module_options *options = module->options;

    if (!flash_faults_parse(options->flash_error, &module->faults))
        return dfota_fail_detail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, NULL,
                                 "'%s' is no number of an operation",
                                 options->flash_error);
    module->faults.cut_after = options->cut_after;
    module->faults.random = options->seed;
    module->faults.trace = &module->trace;
    if (!network_parse(module, options->network_loss))
        return dfota_fail_detail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, NULL,
                                 "'%s' is no list of BYTES:SECONDS",
                                 options->network_loss);
    return DFOTA_OK;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = module_on_signal};

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

enum dfota_error module_open(struct module *module,
                             const struct module_options *options,
                             struct dfota_fault *fault)
{
    const char *port = options->port != NULL ? options->port : "pty";
    enum dfota_error err;

    *module = (struct module){.options = options, .lock = -1};
    module->port =
        (struct module_port){.in = -1, .out = -1, .listener = -1, .slave = -1};
    module->random = options->seed;
    module->mode = MODULE_DEAF;
    catch_signals();
    if (!module_quirks_parse(options->quirks, &module->quirks))
        return dfota_fail_detail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, NULL,
                                 "'%s' is no list of quirks", options->quirks);
    err = read_faults(module, fault);
    if (!err)
        err = check_servers(options, fault);
    if (!err)
        err = open_folder(module, fault);
    if (!err)
        err = open_state(module, fault);
    if (!err)
        err = identify(module, fault);
    if (!err)
        err = module_trace_open(&module->trace, options->trace, options->cut_at,
                                fault);
    if (!err)
        err = module_port_open(&module->port, port, options->link, fault);
    return err;
}

void module_close(struct module *module)
{
    module_upload_end(module);
    module_receive_end(module);
    module_port_close(&module->port);
    module_trace_close(&module->trace);
    if (module->lock >= 0)
        close(module->lock);
}
