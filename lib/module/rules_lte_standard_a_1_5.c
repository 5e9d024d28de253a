/* SPDX-License-Identifier: MIT */
/*
 * rules_lte_standard_a_1_5.c - LTE Standard(A) DFOTA guide 1.5, 2026-02-25
 *
 * From a public third-party digest, the document itself not seen: nobody gets
 * these rules without asking for them.  What the digest leaves out is as in
 * 1.4, whose chapters the numbers in comments are.
 */
#include "lib/module/rules.h"

#define FTP   DFOTA_SCHEME_FTP
#define HTTP  DFOTA_SCHEME_HTTP
#define HTTPS DFOTA_SCHEME_HTTPS

#define NO_FTP                                                                 \
    "3.3.1.1 note 1 of 1.4 takes FTP from modules with 2 and 4 MB, while 4.3 " \
    "gives it to MiniFOTA: the stricter holds"
#define NO_FTP_SMALL                                                           \
    "3.3.1.1 note 1 of 1.4 takes FTP from modules with 2 and 4 MB of flash"
#define NO_HTTPS "MiniFOTA takes HTTPS, but not on modules with 2 MB of flash"

static const struct dfota_rules_module modules[] = {
    {"EC200A", NULL, NULL, 0},
    {"EC200M", "CN", NULL, 0},
    {"EC200N", "CN", NULL, 0}, /* no longer the series */
    {"EC600K", "CN", NULL, 0},
    {"EC600M", NULL, NULL, 0},
    {"EC600N", "CN", NULL, 0},
    {"EC800K", "CN", NULL, 0},
    {"EC800M", "CN", NULL, 0},
    {"EG600AK", "CN", NULL, 0},
    {"EG800AK", NULL, NULL, 0}, /* now the series */
    {"EG800K", NULL, NULL, 0},
    {"EG800M", "CN", NULL, 0}, /* new */
    {"EG810M", NULL, NULL, 0},
    {"EG912N", "EN", NULL, 0},
    {"EG915K", NULL, NULL, 0}, /* now the series */
    {"EG915N", NULL, NULL, FTP},
    {"EG950A", NULL, "DFOTA is optional: ask the vendor (1.2 note)", 0},
    {0},
};

/* What all MiniFOTA profiles share: 3.3.1 note 1, 5.1 scene 1, 4.1, 4.2, 4.3 */
#define MINI                                                                   \
    .method = DFOTA_METHOD_MINI, .url_max = 128, .characters_stated = true,    \
    .name_ends = ".mini_1", .second_ends = ".mini_2",                          \
    .https_reason = NO_HTTPS, .download_urc = DFOTA_SETTING_REFUSED,           \
    .update_urc = DFOTA_SETTING_REFUSED, .urc = {.first_file_end = 60},        \
    .codes_by_analogy = true

/* What all DFOTA profiles share: 3.3.1, 4.1, 4.2, 4.3 */
#define DFOTA                                                                  \
    .method = DFOTA_METHOD_DFOTA, .url_max = 255, .query = true,               \
    .host_file = true, .name_never = ".mini",                                  \
    .update_urc = DFOTA_SETTING_IGNORED

static const struct dfota_profile profiles[] = {
    {DFOTA, .schemes = FTP | HTTP | HTTPS, .urc = {true, true, true, 0}},
    {DFOTA, .flash_mb = 2, .schemes = HTTP | HTTPS, .ftp_reason = NO_FTP_SMALL,
     .urc = {true, true, true, 0}},
    {DFOTA, .flash_mb = 4, .schemes = HTTP | HTTPS, .ftp_reason = NO_FTP_SMALL,
     .urc = {true, true, true, 0}},
    {DFOTA, .flash_mb = 8, .schemes = FTP | HTTP | HTTPS,
     .download_urc = DFOTA_SETTING_IGNORED, /* 6 */
     .urc = {false, false, true, 0}},
    {MINI, .schemes = FTP | HTTP | HTTPS, .doubtful = FTP | HTTPS,
     .ftp_reason = NO_FTP},
    {MINI, .flash_mb = 2, .schemes = HTTP, .ftp_reason = NO_FTP},
    {MINI, .flash_mb = 4, .schemes = HTTP | HTTPS, .ftp_reason = NO_FTP},
    {MINI, .flash_mb = 8, .schemes = FTP | HTTP | HTTPS},
    {0},
};

const struct dfota_rules dfota_rules_lte_standard_a_1_5 = {
    .name = "lte-standard-a-1.5",
    .source = "LTE Standard(A) series DFOTA upgrade guide 1.5, known from a "
              "third-party digest",
    .date = "2026-02-25",
    .official = false,
    .family = DFOTA_FAMILY_LTE_STANDARD_A,
    .modules = modules,
    .profiles = profiles,
    .ftp = {50, 50, 50, 50, true, false}, /* 3.3.1.1 */
    .port_default_ftp = 21,               /* 3.3.1.1 */
    .port_default_http = 80,              /* 3.3.1.2 */
    .params_max = 3,                      /* 3.3.1.1 to 3.3.1.3 */
    .mode_max = 1,                        /* 3.3.1 */
    .urc_min = 5,                         /* 3.3.1 */
    .urc_max = 100,                       /* 3.3.1 */
    .protocol_mode = 2,                   /* 3.3.1.4 */
    .protocol_answer = "010003",          /* 3.3.1.4 */
    .err = &dfota_codes_lte_standard_a_err,
    .ftp_err = &dfota_codes_lte_standard_a_ftp,
    .http_err = &dfota_codes_lte_standard_a_http,
    .file_err = &dfota_codes_lte_standard_a_file,
    .mismatch =
        {
            [DFOTA_MISMATCH_PROJECT] = 552,
            [DFOTA_MISMATCH_BASELINE] = 553,
            [DFOTA_MISMATCH_VERSION] = 507,
            [DFOTA_MISMATCH_FLASH] = 507, /* our reading: the string differs */
            [DFOTA_MISMATCH_SOURCE] = 506,
            [DFOTA_MISMATCH_CONTAINER] = 505,
            [DFOTA_MISMATCH_APPLY] = 504,
        },
    .never_rezip = true,
};
