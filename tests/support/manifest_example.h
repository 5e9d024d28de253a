/* SPDX-License-Identifier: MIT */
/* manifest_example.h - the worked example of docs/SPEC.md, Manifest */
#ifndef DFOTA_TESTS_SUPPORT_MANIFEST_EXAMPLE_H
#define DFOTA_TESTS_SUPPORT_MANIFEST_EXAMPLE_H

#define EXAMPLE_MD5    "000102030405060708090a0b0c0d0e0f"
#define EXAMPLE_SHA256 EXAMPLE_MD5 "101112131415161718191a1b1c1d1e1f"

/* In the form of the writer. */
static const char manifest_example[] =
    "{\n"
    "  \"format\": \"dfota\",\n"
    "  \"version\": 1,\n"
    "  \"family\": \"lte-standard-a\",\n"
    "  \"space\": 131072,\n"
    "  \"from\": {\n"
    "    \"version\": \"XX21EULAR01A01M16\",\n"
    "    \"project\": \"XX21EULA\",\n"
    "    \"baseline\": \"R01A01\"\n"
    "  },\n"
    "  \"to\": {\n"
    "    \"version\": \"XX21EULAR01A02M16\",\n"
    "    \"project\": \"XX21EULA\",\n"
    "    \"baseline\": \"R01A02\"\n"
    "  },\n"
    "  \"partitions\": [\n"
    "    {\n"
    "      \"name\": \"app\",\n"
    "      \"address\": 1441792,\n"
    "      \"old\": {\n"
    "        \"size\": 4096,\n"
    "        \"crc32\": \"00000001\",\n"
    "        \"md5\": \"" EXAMPLE_MD5 "\",\n"
    "        \"sha256\": \"" EXAMPLE_SHA256 "\"\n"
    "      },\n"
    "      \"new\": {\n"
    "        \"size\": 4294967295,\n"
    "        \"crc32\": \"00000002\",\n"
    "        \"md5\": \"" EXAMPLE_MD5 "\",\n"
    "        \"sha256\": \"" EXAMPLE_SHA256 "\"\n"
    "      },\n"
    "      \"delta\": {\n"
    "        \"size\": 321,\n"
    "        \"crc32\": \"00000003\",\n"
    "        \"md5\": \"" EXAMPLE_MD5 "\",\n"
    "        \"sha256\": \"" EXAMPLE_SHA256 "\"\n"
    "      },\n"
    "      \"codec\": \"lzma\",\n"
    "      \"ram\": 262144,\n"
    "      \"order\": {\n"
    "        \"kind\": \"in-place\",\n"
    "        \"sector\": 65536,\n"
    "        \"scratch\": 131072\n"
    "      }\n"
    "    }\n"
    "  ]\n"
    "}\n";

#endif
