/* SPDX-License-Identifier: MIT */
/*
 * ufs.h - the module's own files: the folder ufs of its state
 *
 * A package that is being downloaded lies in the folder package, and takes room
 * from the same file system.
 */
#ifndef DFOTA_MODULE_UFS_H
#define DFOTA_MODULE_UFS_H

#include "module/module.h"

#define UFS_NAME_MAX 80 /* bytes */

/*
 * The name in the folder that `text` leads to: "name", "UFS:name" or
 * "/cache/ufs/name".  NULL when it has other characters than letters, digits,
 * and - . _, begins with a dot or is too long.
 */
const char *ufs_name(const char *text);

/* Writes the path of a file, whose name is as ufs_name() gives it. */
void ufs_path(const struct module *module, const char *name,
              char out[MODULE_PATH_SIZE]);

/* Bytes of a file; false when there is none. */
bool ufs_size(const struct module *module, const char *name, uint64_t *out);

/* What there is in the folder. */
struct ufs_usage {
    uint64_t files;
    uint64_t bytes;
};
void ufs_measure(const struct module *module, struct ufs_usage *out);

/* Calls `visit` for each file in the order of names, at most UFS_FILES_MAX. */
#define UFS_FILES_MAX 1000
void ufs_each(const struct module *module,
              void (*visit)(void *context, const char *name, uint64_t size),
              void *context);

uint64_t ufs_total(const struct module *module); /* bytes */
uint64_t ufs_free(const struct module *module);  /* bytes */

/* Removes all files in the folder package, and what killed runs left. */
void ufs_clear_package(const struct module *module);

#endif
