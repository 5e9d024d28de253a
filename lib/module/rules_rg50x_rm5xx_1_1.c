/* SPDX-License-Identifier: MIT */
/*
 * rules_rg50x_rm5xx_1_1.c - RG50xQ & RM5xxQ DFOTA note 1.1, 2023-03-07
 *
 * Numbers in comments are its chapters.
 */
#include "lib/module/rules.h"

#define COUNT(items) (sizeof(items) / sizeof((items)[0]))

/* 1.1, table 1 */
static const struct dfota_rules_module modules[] = {
    {"RG500Q", NULL, NULL, 0}, {"RG501Q", "EU", NULL, 0},
    {"RG502Q", NULL, NULL, 0}, {"RM500Q", NULL, NULL, 0},
    {"RM502Q", "AE", NULL, 0}, {"RM505Q", "AE", NULL, 0},
    {"RM510Q", "GL", NULL, 0}, {0},
};

/* 1 */
static const char *const partitions[] = {"modem", "system", "boot",
                                         "sbl",   "tz",     NULL};

/* 3.3.1 to 3.3.3: no progress while downloading */
static const struct dfota_profile profiles[] = {
    {.method = DFOTA_METHOD_DFOTA,
     .schemes = DFOTA_SCHEME_FTP | DFOTA_SCHEME_HTTP | DFOTA_SCHEME_HTTPS,
     .url_max = 512,
     .query = true,
     .urc = {true, false, true, 0}},
    {0},
};

/* 5, table 5 */
static const struct dfota_code err_items[] = {
    {0, 0, "the upgrade succeeded", "升级成功"},
    {502, 502, "unknown error, the system retries five times",
     "未知错误，系统重试五次"},
    {504, 504, "the zip is not in order", "zip 包格式不对"},
    {505, 505, "the package is for another project or version",
     "项目或软件包版本不符"},
    {510, 510, "the package does not match the module's source files",
     "差分包与模块中的源文件不符"},
    {511, 511, "not enough space for the upgrade", "升级所需空间不够"},
    {520, 530, "writing failed, the module reboots and retries",
     "写入失败，模块重启后重试"},
    {540, 546, "writing failed, the module reboots and retries",
     "写入失败，模块重启后重试"},
    {550, 550, "the package is too large", "升级包太大"},
};

/* 5, table 3 */
static const struct dfota_code ftp_items[] = {
    {0, 0, "the FTP download succeeded", "FTP 下载完成"},
    {601, 601, "unknown FTP error", "未知的 FTP 错误"},
};

/* 5, table 4 */
static const struct dfota_code http_items[] = {
    {0, 0, "the HTTP(S) download succeeded", "HTTP(S) 下载完成"},
    {701, 701, "the HTTP(S) download failed", "HTTP(S) 下载失败"},
};

static const struct dfota_code_list err = {err_items, COUNT(err_items)};
static const struct dfota_code_list ftp_err = {ftp_items, COUNT(ftp_items)};
static const struct dfota_code_list http_err = {http_items, COUNT(http_items)};
static const struct dfota_code_list file_err = {NULL, 0};

const struct dfota_rules dfota_rules_rg50x_rm5xx_1_1 = {
    .name = "rg50x-rm5xx-1.1",
    .source = "RG50xQ & RM5xxQ series DFOTA application note 1.1",
    .date = "2023-03-07",
    .official = true,
    .family = DFOTA_FAMILY_RG50X_RM5XX,
    .modules = modules,
    .profiles = profiles,
    .ftp = {.address_only = true},      /* 3.3.1: the server's IP address */
    .port_default_ftp = 21,             /* 3.3.1 */
    .port_default_http = 80,            /* 3.3.2 */
    .local_path_max = 512,              /* 3.3.3 */
    .local_path_prefix = "/cache/ufs/", /* 3.3.3 */
    .err = &err,
    .ftp_err = &ftp_err,
    .http_err = &http_err,
    .file_err = &file_err,
    .mismatch =
        {
            [DFOTA_MISMATCH_PROJECT] = 505,
            [DFOTA_MISMATCH_BASELINE] = 505,
            [DFOTA_MISMATCH_VERSION] = 505,
            [DFOTA_MISMATCH_FLASH] = 505, /* our reading: the string differs */
            [DFOTA_MISMATCH_SOURCE] = 510,
            [DFOTA_MISMATCH_CONTAINER] = 504,
            [DFOTA_MISMATCH_APPLY] = 520,
            [DFOTA_MISMATCH_SPACE] = 511,
            [DFOTA_MISMATCH_SIZE] = 550,
        },
    .retries = 5,      /* 4 */
    .urc_seconds = 90, /* 3.3.1 */
    .answer_ms = 300,  /* 3.3.1 */
    .partitions = partitions,
    .space_for_images = true, /* 5: space for the upgrade; our reading */
    .forced_mode = true,      /* 4 */
    .apply_codes = "520 to 530 or 540 to 546", /* 5, table 5 */
};
