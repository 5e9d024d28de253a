/* SPDX-License-Identifier: MIT */
#include "module/state.h"

#include <stddef.h>
#include <sys/stat.h>

#include "lib/base/buffer.h"
#include "lib/base/fault.h"
#include "lib/base/file.h"
#include "lib/base/json.h"

#define STATE_SIZE_MAX 65536 /* bytes of the file */
#define AT(name)       offsetof(struct module_state, name)

#define AREA_FIELD(member)                                                     \
    {                                                                          \
        .name = #member, .kind = DFOTA_JSON_NUMBER, .max = INT32_MAX,          \
        .at = AT(member)                                                       \
    }

static const struct dfota_json_field fields[] = {
    {.name = "version",
     .kind = DFOTA_JSON_TEXT,
     .max = MODULE_VERSION_MAX,
     .at = AT(version)},
    {.name = "step",
     .kind = DFOTA_JSON_NUMBER,
     .max = MODULE_DEAD,
     .at = AT(step)},
    {.name = "url",
     .kind = DFOTA_JSON_TEXT,
     .max = MODULE_URL_MAX,
     .at = AT(url)},
    {.name = "package",
     .kind = DFOTA_JSON_TEXT,
     .max = MODULE_NAME_MAX,
     .at = AT(package)},
    {.name = "target",
     .kind = DFOTA_JSON_TEXT,
     .max = MODULE_VERSION_MAX,
     .at = AT(target)},
    {.name = "upgrade_mode",
     .kind = DFOTA_JSON_NUMBER,
     .max = 1,
     .at = AT(mode)},
    {.name = "download_urc_max",
     .kind = DFOTA_JSON_NUMBER,
     .max = 100,
     .at = AT(download_max)},
    {.name = "attempts",
     .kind = DFOTA_JSON_NUMBER,
     .max = 1000,
     .at = AT(attempts)},
    {.name = "fota_cid", .kind = DFOTA_JSON_NUMBER, .max = 16, .at = AT(cid)},
    {.name = "usbifc_rts",
     .kind = DFOTA_JSON_NUMBER,
     .max = 2,
     .at = AT(usb_rts)},
    {.name = "usbifc_cts",
     .kind = DFOTA_JSON_NUMBER,
     .max = 2,
     .at = AT(usb_cts)},
    {.name = "image",
     .kind = DFOTA_JSON_HEX,
     .max = DFOTA_SHA256_SIZE,
     .at = AT(image)},
    AREA_FIELD(journal_at),
    AREA_FIELD(storage_at),
    AREA_FIELD(storage_size),
    AREA_FIELD(backup_at),
    AREA_FIELD(backup_size),
    {0},
};

static enum dfota_error parse(const char *path, const struct dfota_buffer *text,
                              struct module_state *out,
                              struct dfota_fault *fault)
{
    struct dfota_json_value *root = NULL;
    struct module_state state = {0};
    enum dfota_error err;

    err = dfota_json_parse(dfota_buffer_view(text), NULL, &root, fault);
    if (!err)
        err = dfota_json_fields(root, fields, NULL, &state, fault);
    dfota_json_free(root);
    if (err) {
        dfota_fault_in(fault, path);
        return err;
    }
    *out = state;
    return DFOTA_OK;
}

enum dfota_error module_state_read(const char *path, struct module_state *out,
                                   bool *found, struct dfota_fault *fault)
{
    struct dfota_buffer text = {0};
    struct stat status;
    enum dfota_error err;

    *found = stat(path, &status) == 0;
    if (!*found)
        return DFOTA_OK;
    err = dfota_file_read(path, STATE_SIZE_MAX, &text, fault);
    if (!err)
        err = parse(path, &text, out, fault);
    dfota_buffer_free(&text);
    return err;
}

enum dfota_error module_state_write(const char *path,
                                    const struct module_state *state,
                                    struct dfota_fault *fault)
{
    struct dfota_json_writer json = {0};
    struct dfota_output output = {0};
    struct dfota_buffer text = {0};
    enum dfota_error err;

    dfota_json_begin_object(&json, NULL);
    dfota_json_put_fields(&json, fields, state);
    dfota_json_end(&json);
    err = dfota_json_finish(&json, &text, fault);
    if (!err)
        err = dfota_output_open(&output, path, fault);
    if (!err)
        err = dfota_output_write(&output, text.data, text.size, fault);
    if (!err)
        err = dfota_output_commit(&output, fault);
    dfota_output_discard(&output);
    dfota_buffer_free(&text);
    return err;
}
