/* SPDX-License-Identifier: MIT */
/* codes_tool.c - prints docs/CODES.md from the rule sets */
#include <stdio.h>

#include "lib/module/rules.h"

static void print_list(const char *title, const struct dfota_code_list *list)
{
    if (list->count == 0)
        return;
    printf("\n### `<%s>`\n\n| code | meaning | 含义 |\n|--:|---|---|\n", title);
    for (size_t i = 0; i < list->count; i++) {
        const struct dfota_code *code = &list->items[i];

        if (code->first == code->last)
            printf("| %u", code->first);
        else
            printf("| %u–%u", code->first, code->last);
        printf(" | %s | %s |\n", code->english, code->chinese);
    }
}

static void print_rules(const struct dfota_rules *rules)
{
    printf("\n## %s\n\n%s, %s: `--rules %s`.\n",
           dfota_family_name(rules->family), rules->source, rules->date,
           rules->name);
    print_list("err", rules->err);
    print_list("FTP_err", rules->ftp_err);
    print_list("HTTP_err", rules->http_err);
    print_list("file_err", rules->file_err);
}

int main(void)
{
    const struct dfota_rules *rules;

    puts("# Result codes\n\n"
         "What the codes in `END`, `FTPEND`, `HTTPEND` and `FILEEND` mean, in "
         "the newest document of each family.\n"
         "The texts are ours, the meaning is the vendor's.\n"
         "This page is printed by `tests/docs/codes_tool.c` from the rule "
         "sets, and a test compares them.\n"
         "[RULES.md](RULES.md) says which check has which code, "
         "[REHEARSAL.md](REHEARSAL.md) which failed download.");
    for (size_t i = 0; (rules = dfota_rules_at(i)) != NULL; i++)
        if (rules == dfota_rules_default(rules->family))
            print_rules(rules);
    return 0;
}
