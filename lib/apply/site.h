/* SPDX-License-Identifier: MIT */
/*
 * site.h - the places in an image that hold an address
 *
 * A site is an instruction, or two that belong together, which leads somewhere
 * else.  When code moves, only the addresses in its sites change; with this
 * module they can be read from old bytes and made to lead elsewhere.
 *
 * Nothing is disassembled: whatever looks like a site is taken for one.
 * Generator and applier run this same code.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Sites".
 */
#ifndef DFOTA_LIB_APPLY_SITE_H
#define DFOTA_LIB_APPLY_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dfota/apply.h"

/*
 * What a site is; a context for models too, so the numbers are small and dense.
 * A kind means the same in every architecture, and one way to hold an address
 * within each.
 */
enum dfota_site_kind {
    DFOTA_SITE_POINTER32, /* a word; no architecture reads this or the next */
    DFOTA_SITE_POINTER64,
    DFOTA_SITE_CALL,
    DFOTA_SITE_EXCHANGE, /* a call that changes the instruction set */
    DFOTA_SITE_JUMP,
    DFOTA_SITE_BRANCH, /* a jump on a condition */
    DFOTA_SITE_SHORT_JUMP,
    DFOTA_SITE_SHORT_BRANCH,
    DFOTA_SITE_TEST_BRANCH, /* a jump on a register or a bit of one */
    DFOTA_SITE_SHORT_CALL,
    DFOTA_SITE_VALUE, /* two instructions that make a number */
    DFOTA_SITE_PAGE,  /* the upper part of an address, the rest elsewhere */
    DFOTA_SITE_PAIR_ADDRESS,
    DFOTA_SITE_PAIR_LOAD,
    DFOTA_SITE_PAIR_STORE,
    DFOTA_SITE_PAIR_CALL,
    DFOTA_SITE_LITERAL, /* a load */
    DFOTA_SITE_WIDE_LITERAL,
    DFOTA_SITE_ADDRESS,
    DFOTA_SITE_WIDE_ADDRESS,
    DFOTA_SITE_OPERAND, /* a load, a store or an address */
    DFOTA_SITE_KIND_COUNT
};

#define DFOTA_SITE_SIZE_MAX 20 /* bytes */

struct dfota_site {
    uint32_t target; /* a position in the image, modulo 2^32; a number where
                        `absolute` */
    uint8_t kind;    /* enum dfota_site_kind */
    uint8_t size;    /* bytes of the image: 2 to DFOTA_SITE_SIZE_MAX */
    bool absolute;
};

/* The number of an architecture in a delta.  Only ever append. */
enum dfota_isa_id {
    DFOTA_ISA_T32 = 1,
    DFOTA_ISA_A32 = 2,
    DFOTA_ISA_A64 = 3,
    DFOTA_ISA_RISCV = 4,
    DFOTA_ISA_X86 = 5,
    DFOTA_ISA_XTENSA = 6
};

/* Classes of sites, bits of a set; their meaning is each architecture's own. */
enum dfota_t32_class {
    DFOTA_T32_CALLS = 1,     /* BL, B.W */
    DFOTA_T32_BRANCHES = 2,  /* Bcc.W */
    DFOTA_T32_EXCHANGES = 4, /* BLX */
    DFOTA_T32_VALUES = 8,    /* MOVW with MOVT */
    DFOTA_T32_NEAR = 16      /* short branches, LDR from the code, ADR */
};

enum dfota_a32_class {
    DFOTA_A32_CALLS = 1,  /* B, BL, BLX */
    DFOTA_A32_VALUES = 8, /* MOVW with MOVT */
    DFOTA_A32_NEAR = 16   /* LDR from the code */
};

enum dfota_a64_class {
    DFOTA_A64_CALLS = 1, /* B, BL */
    DFOTA_A64_PAGES = 2, /* ADRP with ADD, LDR or STR, or alone */
    DFOTA_A64_NEAR = 16  /* B.cond, CBZ, TBZ, LDR from the code, ADR */
};

enum dfota_riscv_class {
    DFOTA_RISCV_CALLS = 1,       /* JAL */
    DFOTA_RISCV_PAIRS = 2,       /* AUIPC with ADDI, JALR, load or store */
    DFOTA_RISCV_VALUES = 8,      /* the same with LUI */
    DFOTA_RISCV_NEAR = 16,       /* branches, C.J, C.BEQZ, C.BNEZ */
    DFOTA_RISCV_SHORT_CALLS = 32 /* C.JAL, which RV32 alone has */
};

enum dfota_x86_class {
    DFOTA_X86_CALLS = 1,    /* CALL, JMP */
    DFOTA_X86_BRANCHES = 2, /* Jcc */
    DFOTA_X86_OPERANDS = 4  /* what is addressed by RIP; for 64 bits alone */
};

enum dfota_xtensa_class {
    DFOTA_XTENSA_CALLS = 1,    /* CALL0 to CALL12, J */
    DFOTA_XTENSA_LITERALS = 2, /* L32R */
    DFOTA_XTENSA_NEAR = 16     /* branches */
};

/* An architecture.  A caller links in those that it names. */
struct dfota_isa {
    uint8_t id;   /* enum dfota_isa_id */
    uint8_t step; /* bytes: 1, 2 or 4; instructions begin at multiples */

    /*
     * Whether a site of one of `classes` begins at `bytes`, of which `left`
     * are there and are position `pos` and the following ones of an image;
     * `*out` is then that site, and else holds nothing of use.
     */
    bool (*read)(uint8_t classes, const uint8_t *bytes, size_t left,
                 uint32_t pos, struct dfota_site *out);

    /*
     * Makes the site at `bytes`, which read() found in them or in what they
     * are copies of, lead to `target` from position `pos`: read() will find
     * that there.  Of DFOTA_SITE_PAGE only the page: the low 12 bits of
     * `target` are dropped.  Changes the address in the first `site->size`
     * bytes and nothing else.  False, and no change, where that address cannot
     * be held: it is too far or not a multiple of what it must be.
     */
    bool (*write)(const struct dfota_site *site, uint8_t *bytes, uint32_t pos,
                  uint32_t target);
};

#endif
