/* SPDX-License-Identifier: MIT */
#include "module/ufs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "module/flashed.h"

#define FOLDER         "ufs"
#define PACKAGE_FOLDER "package"
#define TEMPORARY      ".dfota-" /* how names of files in the making begin */
#define MIB            ((uint64_t)1024 * 1024)
#define SIZE_DEFAULT_A (8 * MIB)
#define SIZE_DEFAULT_B (256 * MIB)

const char *ufs_name(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    static const char *const prefixes[] = {"UFS:", "/cache/ufs/"};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t size = strlen(prefixes[i]);

        if (strncasecmp(text, prefixes[i], size) == 0) {
            text += size;
            break;
        }
    }
    if (text[0] == '\0' || text[0] == '.' || strlen(text) > UFS_NAME_MAX ||
        text[strspn(text, allowed)] != '\0')
        return NULL;
    return text;
}

void ufs_path(const struct module *module, const char *name,
              char out[MODULE_PATH_SIZE])
{
    char inner[sizeof(FOLDER) + UFS_NAME_MAX + 2];

    snprintf(inner, sizeof(inner), FOLDER "/%s", name);
    module_path(module, inner, out);
}

bool ufs_size(const struct module *module, const char *name, uint64_t *out)
{
    char path[MODULE_PATH_SIZE];
    struct stat status;

    ufs_path(module, name, path);
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    *out = (uint64_t)status.st_size;
    return true;
}

static int is_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

void ufs_each(const struct module *module,
              void (*visit)(void *context, const char *name, uint64_t size),
              void *context)
{
    struct dirent **entries = NULL;
    char path[MODULE_PATH_SIZE];
    int count;

    module_path(module, FOLDER, path);
    count = scandir(path, &entries, is_file, alphasort);
    for (int i = 0; i < count; i++) {
        uint64_t size;

        if (i < UFS_FILES_MAX && ufs_name(entries[i]->d_name) != NULL &&
            ufs_size(module, entries[i]->d_name, &size))
            visit(context, entries[i]->d_name, size);
        free(entries[i]);
    }
    free(entries);
}

static void add(void *context, const char *name, uint64_t size)
{
    struct ufs_usage *usage = context;

    (void)name;
    usage->files++;
    usage->bytes += size;
}

void ufs_measure(const struct module *module, struct ufs_usage *out)
{
    *out = (struct ufs_usage){0};
    ufs_each(module, add, out);
}

uint64_t ufs_total(const struct module *module)
{
    if (module->options->ufs != 0)
        return module->options->ufs;
    return module->rules->family == DFOTA_FAMILY_RG50X_RM5XX ? SIZE_DEFAULT_B
                                                             : SIZE_DEFAULT_A;
}

uint64_t ufs_free(const struct module *module)
{
    struct ufs_usage usage;
    uint64_t total = ufs_total(module);

    ufs_measure(module, &usage);
    return usage.bytes < total ? total - usage.bytes : 0;
}

/* Removes the entries of a folder whose names begin with `prefix`. */
static void clear(const struct module *module, const char *folder,
                  const char *prefix)
{
    char path[MODULE_PATH_SIZE];
    char inner[512];
    struct dirent *entry;
    DIR *dir;

    module_path(module, folder, path);
    dir = opendir(path);
    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 ||
            strcmp(entry->d_name, "..") == 0 ||
            strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        snprintf(inner, sizeof(inner), "%s/%s", folder, entry->d_name);
        module_path(module, inner, path);
        flashed_remove(path);
    }
    closedir(dir);
}

void ufs_clear_package(const struct module *module)
{
    clear(module, PACKAGE_FOLDER, "");
    clear(module, FOLDER, TEMPORARY);
    clear(module, ".", TEMPORARY);
}
