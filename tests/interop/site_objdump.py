#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the addresses that we see in code with those that objdump sees.

usage: site_objdump.py SITE_TOOL

Random instructions of each class must lead to the same places for both, and
what we make of them, where their targets moved, must lead there by objdump.
A class that no objdump here knows is left out; without any, all is skipped
(status 77).
"""
import pathlib
import random
import re
import subprocess
import sys
import tempfile

OBJDUMPS = ("objdump", "arm-none-eabi-objdump", "aarch64-linux-gnu-objdump",
            "riscv64-unknown-elf-objdump", "xtensa-lx106-elf-objdump")
COUNT = 3000  # pieces of a class
MASK = 0xffffffff
ANY = -1  # a target that is not compared
UNKNOWN = re.compile(r"\.|.*(?:undefined|\(bad\)|unknown|excw)")

T32, A32, A64, RISCV, X86, XTENSA = range(1, 7)
CONDITION = "(?:eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)"


# --- random pieces of code

def le(word, size=4):
    """A number as bytes."""
    return word.to_bytes(size, "little")


def halves(word):
    """32 bits of Thumb-2 in the order of their bytes."""
    return le(word >> 16, 2) + le(word & 0xffff, 2)


def words(mask, *values, order=le, size=32):
    """Makes random words, with the bits of `mask` from one of `values`."""
    def make(rng):
        word = rng.getrandbits(size) & ~mask | rng.choice(values)
        return order(word) if size == 32 else le(word, size // 8)
    return make


def pairs(first, second, same, order=le, between=b""):
    """Makes two words; mostly the second has the first one's register.

    `same` are the lowest bits of both registers and their length.
    """
    def make(rng):
        low, high, length = same
        one, two = first(rng), second(rng)
        if rng.randrange(8):
            ones = (1 << length) - 1
            two &= ~(ones << high)
            two |= (one >> low & ones) << high
        return order(one) + between + order(two)
    return make


def number(mask, *values):
    """As words(), but numbers."""
    return lambda rng: rng.getrandbits(32) & ~mask | rng.choice(values)


def t32_short(rng):
    """16 bits but IT, which would change what follows."""
    while True:
        word = rng.randrange(0xe800)
        if word >> 8 != 0xbf:
            return le(word, 2)


def a64_low(rng):
    """What completes an ADRP, or almost."""
    kind = rng.choice((0x39000000, 0x39000000, 0x38000000, 0x11000000,
                       0x91000000, 0x91000000, 0x29000000, 0x51000000))
    spare = 0xc4c00000 if kind in (0x39000000, 0x38000000) else 0x00400000
    immediate = rng.getrandbits(rng.choice((6, 8, 10, 12)))
    return (kind | rng.getrandbits(32) & spare | immediate << 10
            | rng.getrandbits(10))


def riscv_low(rng):
    """What completes an AUIPC, or almost."""
    opcode = rng.choice((0x13, 0x67, 0x03, 0x07, 0x23, 0x27, 0x33, 0x1b))
    return rng.getrandbits(25) << 7 & ~0x7000 & MASK | opcode | (
        rng.choice((0, 0, rng.randrange(8))) << 12)


def x86_branch(rng):
    """CALL, JMP or Jcc, and NOPs until the next."""
    code = rng.choice((b"\xe8", b"\xe9", b"\x0f" + bytes([0x80 | rng.randrange(
        16)]), bytes([rng.choice((0xe0, 0xe1, 0xea, 0xf4))])))
    far = rng.getrandbits(24) | rng.choice((0, 0, 0xff, 0xff, 1)) << 24
    return (code + le(far)).ljust(16, b"\x90")


def x86_operand(rng):
    """Something with RIP, perhaps, and NOPs until the next.

    A prefix would be before the site, and so there is none.
    """
    code = bytes([rng.choice((0x0f, 0x8b, 0x89, 0x8d, 0xff,
                              rng.randrange(256)))])
    while code in PREFIXES:
        code = bytes([rng.randrange(256)])
    if code == b"\x0f":
        code += bytes([rng.randrange(256)])
    code += bytes([5 | rng.randrange(8) << 3 | rng.choice((0, 0, 0, 0x80))])
    far = rng.getrandbits(24) | rng.choice((0, 0xff)) << 24
    return (code + le(far)).ljust(16, b"\x90")


PREFIXES = [bytes([code]) for code in (
    *range(0x40, 0x50), 0x26, 0x2e, 0x36, 0x3e, 0x62, 0x64, 0x65, 0x66, 0x67,
    0x9b, 0xc4, 0xc5, 0xf0, 0xf2, 0xf3, 0xd5)]


def xtensa(*opcodes):
    """24 bits with one of these in the lowest four."""
    return lambda rng: le(rng.getrandbits(20) << 4 | rng.choice(opcodes), 3)


# --- where an instruction leads by its text

def leads(pattern):
    """A function that gives what `pattern` finds, or None."""
    pattern = re.compile(pattern)

    def target(text, position):
        match = pattern.match(text.get(position, ""))
        return int(match.group(1), 16) & MASK if match else None
    return target


def second(text, position):
    """The second of a pair, perhaps with something between."""
    for behind in range(position + 4, position + 10, 2):
        if behind in text and not re.match(r"nop|mov\.w", text[behind]):
            return text[behind]
    return ""


def arm_value(text, position):
    """The number of MOVW and MOVT."""
    low = MOVW.match(text[position])
    high = MOVT.match(second(text, position))
    if not low or not high or low.groups()[:2] != high.groups()[:2]:
        return None
    return int(low.group(3)) | int(high.group(3)) << 16


MOVW = re.compile(rf"movw({CONDITION}|)\t(\w+), #(\d+)")
MOVT = re.compile(rf"movt({CONDITION}|)\t(\w+), #(\d+)")
ADRP = re.compile(r"adrp\tx(\d+), (0x[0-9a-f]+)")
ADD = re.compile(r"add\t(?:x\d+|sp), x(\d+), #(0x[0-9a-f]+)$")
LOAD = re.compile(r"(?:(?:ld|st)rs?[bhw]?|prfm)\t[^\[]*\[x(\d+), #(\d+)\]$")


def a64_pair(text, position):
    """Where an ADRP leads with what is behind it."""
    behind = second(text, position)
    if UNKNOWN.match(behind):
        return ANY
    page = ADRP.match(text[position])
    if not page:
        return None
    low = ADD.match(behind) or LOAD.match(behind)
    target = int(page.group(2), 16)
    if (target - position + (1 << 31)) & ~0xfff & ((1 << 64) - 1) >= 1 << 32:
        return None
    if low and low.group(1) == page.group(1) and int(low.group(2), 0) < 4096:
        target += int(low.group(2), 0)
    return target & MASK


UPPER = re.compile(r"(?:lui|auipc)\t(\w+),(0x[0-9a-f]+)")
LOW = re.compile(
    r"(?:addi\t\w+,(?P<a>\w+),(?P<b>-?\d+)|(?:jalr|f?l[bhwdq]u?)\t\w+,"
    r"(?P<c>-?\d+)\((?P<d>\w+)\)|f?s[bhwdq]\t\w+,(?P<e>-?\d+)\((?P<f>\w+)\))")


def riscv_pair(text, position):
    """What LUI or AUIPC make with what is behind them."""
    if UNKNOWN.match(text[position + 4]):
        return ANY
    upper = UPPER.match(text[position])
    low = LOW.match(text[position + 4])
    if not upper or not low:
        return None
    base = low.group("a") or low.group("d") or low.group("f")
    offset = low.group("b") or low.group("c") or low.group("e")
    if base != upper.group(1) or base == "zero":
        return None
    start = position if text[position].startswith("auipc") else 0
    return start + (int(upper.group(2), 16) << 12) + int(offset) & MASK


# --- the comparison

def disassemble(objdump, options, position, code):
    """The text of each instruction, by its position."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "code"
        path.write_bytes(code)
        text = subprocess.run(
            [objdump, "-b", "binary", "-D", "-z", *options,
             f"--adjust-vma={position:#x}", path],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout
    found = {}
    for line in text.decode().splitlines():
        fields = line.split("\t", 2)
        if len(fields) == 3 and fields[0].endswith(":"):
            text = re.sub(r"\s*//.*", "", fields[2]).strip()
            found[int(fields[0][:-1], 16)] = re.sub(" +", " ", text)
    return found


class Class:
    """A class of sites, and how both sides look at it."""

    def __init__(self, isa, classes, options, make, target, **more):
        self.isa = isa
        self.classes = classes
        self.options = options
        self.make = make
        self.target = target if callable(target) else leads(target)
        self.position = more.get("position", 0x40000000)
        self.shift = more.get("shift", 16)
        self.kept = more.get("kept", MASK)  # of the moved target's bits
        self.known = more.get("known")  # if not all that objdump knows

    def wanted(self, objdump, code, size):
        """Targets by position, as objdump says, and all it does not know."""
        text = disassemble(objdump, self.options, self.position, code)
        wanted, unknown = {}, set()
        for position in range(self.position, self.position + len(code), size):
            target = self.target(text, position)
            if target == ANY or UNKNOWN.match(text.get(position, ".")):
                unknown.add(position)
            elif target is not None:
                wanted[position] = target
        return text, wanted, unknown

    def seen(self, tool, code, size):
        """Target and changed bytes of all that we take for sites."""
        lines = subprocess.run(
            [tool, str(self.isa), str(self.classes), str(size),
             hex(self.position), str(self.shift)], input=code, check=True,
            stdout=subprocess.PIPE).stdout.decode().splitlines()
        return {int(position, 16): (int(target, 16), changed)
                for position, _, target, changed in map(str.split, lines)}

    def check(self, objdump, tool, rng):
        """Compares both; gives how many sites they agree upon."""
        pieces = [self.make(rng) for _ in range(COUNT)]
        size = len(pieces[0])
        code = b"".join(pieces)
        text, wanted, unknown = self.wanted(objdump, code, size)
        seen = self.seen(tool, code, size)
        for position in sorted(set(wanted) | set(seen)):
            ours = seen.get(position, (None,))[0]
            if ours is None and self.known and not self.known.match(
                    text[position]):
                continue
            if position not in unknown and wanted.get(position) != ours:
                raise AssertionError(
                    f"{position:x}: {text[position]}: we say "
                    f"{ours if ours is None else hex(ours)}")
        moved = bytearray(code)
        for position, (_, changed) in list(seen.items()):
            if changed == "-" or position in unknown:
                del seen[position]
                continue
            at = position - self.position
            moved[at:at + len(changed) // 2] = bytes.fromhex(changed)
        text, now, unknown = self.wanted(objdump, bytes(moved), size)
        for position, (target, _) in seen.items():
            wrong = now.get(position, ANY) ^ target + self.shift
            if wrong & self.kept and position not in unknown:
                raise AssertionError(f"{position:x}: {text[position]} is not "
                                     f"{target + self.shift:x}")
        if not seen:
            raise AssertionError("nothing is there to be compared")
        return len(seen)


THUMB = ("-m", "arm", "-M", "force-thumb")
ARM = ("-m", "arm")
ARM64 = ("-m", "aarch64")
RV32 = ("-m", "riscv:rv32", "-M", "no-aliases")
RV64 = ("-m", "riscv:rv64", "-M", "no-aliases")
X86_64 = ("-m", "i386:x86-64")
LX = ("-m", "xtensa")

A64_NOP = le(0xd503201f)

T32_WIDE = rf"(?:bl|blx|b\.w|b{CONDITION}\.w)\t(0x[0-9a-f]+)"
T32_NEAR = (rf"(?:(?:b|b{CONDITION})\.n\t|cbn?z\tr\d, "
            r"|(?:ldr|add)\tr\d, .*pc, .*[( ])(0x[0-9a-f]+)")
A64_NEAR = (rf"(?:b\.\w+\t|cbn?z\t\w+, |tbn?z\t\w+, #\d+, |adr\t\w+, "
            r"|(?:ldr|ldrsw|prfm)\t[^\[]+, )(0x[0-9a-f]+)")
X86_KNOWN = re.compile(
    r"(?:lea|mov|movs?[bzl]\w*|(?:add|or|adc|sbb|and|sub|xor|cmp)[lb]?|test|"
    r"call|jmp|push|incl|decl|cmov\w+|set\w+|mov[au]ps) (?!.*%(?:[c-gs]s|\?))")


def t32_wide_near(text, position):
    """LDR.W and ADR.W; objdump does not work out the latter's target."""
    match = re.match(r"(add|sub)w\t\S+, pc, #(\d+)", text[position])
    base = position + 4 & ~3
    if match:
        if match.groups() == ("sub", "0"):
            return None  # -0 is no site
        sign = 1 if match.group(1) == "add" else -1
        return base + sign * int(match.group(2))
    if "[pc]" in text[position]:
        return ANY  # of 0 or -0, which is no site
    return leads(r"ldr(?:\.w|t)\t\S+, \[pc.* (0x[0-9a-f]+)")(text, position)


def t32_any(text, position):
    """Any of 32 bits but MOVW and MOVT."""
    target = leads(T32_WIDE)(text, position)
    return t32_wide_near(text, position) if target is None else target


def x86_near(text, position):
    """CALL, JMP and Jcc of no more than 16 MiB."""
    target = leads(r"(?:call|j\w+) +(0x[0-9a-f]+)")(text, position)
    if target is None:
        return None
    size = 5 if text[position][:3] in ("cal", "jmp") else 6
    near = -1 << 24 <= target - position - size < 1 << 24
    return target if near else None


CLASSES = {
    "T32 branches": Class(T32, 7, THUMB, words(
        0xf8008000, 0xf0008000, order=halves), T32_WIDE),
    "T32 branches at halfwords": Class(T32, 7, THUMB, words(
        0xf8008000, 0xf0008000, order=halves), T32_WIDE, position=0x40000002),
    "T32 values": Class(T32, 8, THUMB, pairs(
        number(0xfbf08000, 0xf2400000, 0xf2400000, 0xf2c00000),
        number(0xfbf08000, 0xf2c00000, 0xf2c00000, 0xf2400000),
        (8, 8, 4), halves), arm_value),
    "T32 values around 2 bytes": Class(T32, 8, THUMB, pairs(
        number(0xfbf08000, 0xf2400000), number(0xfbf08000, 0xf2c00000),
        (8, 8, 4), halves, le(0xbf00, 2)), arm_value),
    "T32 values around 4 bytes": Class(T32, 8, THUMB, pairs(
        number(0xfbf08000, 0xf2400000), number(0xfbf08000, 0xf2c00000),
        (8, 8, 4), halves, halves(0xea4f0001)), arm_value),
    "T32 short": Class(T32, 16, THUMB, t32_short, T32_NEAR),
    "T32 literals": Class(T32, 16, THUMB, words(
        0xff7f0000, 0xf85f0000, 0xf85f0000, order=halves), t32_wide_near),
    "T32 addresses": Class(T32, 16, THUMB, words(
        0xfb5f8000, 0xf20f0000, order=halves), t32_wide_near),
    "T32 addresses at halfwords": Class(T32, 16, THUMB, words(
        0xfb5f8000, 0xf20f0000, order=halves), t32_wide_near,
        position=0x40000002),
    "T32 any": Class(T32, 23, THUMB, words(
        0xf8000000, 0xe8000000, 0xf0000000, 0xf8000000, order=halves),
        t32_any),
    "A32 branches": Class(A32, 1, ARM, words(0x0e000000, 0x0a000000),
                          rf"(?:b|bl|blx){CONDITION}?\t(0x[0-9a-f]+)"),
    "A32 values": Class(A32, 8, ARM, pairs(
        number(0xfff00000, 0xe3000000, 0x03000000, 0xe3400000),
        number(0xfff00000, 0xe3400000, 0x03400000, 0xe3000000),
        (12, 12, 4)), arm_value),
    "A32 values around another": Class(A32, 8, ARM, pairs(
        number(0xfff00000, 0xe3000000), number(0xfff00000, 0xe3400000),
        (12, 12, 4), between=le(0xe320f000)), arm_value),
    "A32 literals": Class(A32, 16, ARM, words(
        0x0f3f0000, 0x051f0000, 0x050f0000),
        rf"ldr{CONDITION}?\t\w+, \[pc(?!, #-0\]).*(0x[0-9a-f]+)"),
    "A64 branches": Class(A64, 1, ARM64, words(0x7c000000, 0x14000000),
                          r"(?:b|bl)\t(0x[0-9a-f]+)"),
    "A64 pages": Class(A64, 2, ARM64, pairs(
        number(0x9f000000, 0x90000000), a64_low, (0, 5, 5)), a64_pair,
        shift=4096),
    "A64 pairs": Class(A64, 2, ARM64, pairs(
        number(0x9f000000, 0x90000000), a64_low, (0, 5, 5)), a64_pair,
        kept=MASK & ~0xfff),
    "A64 pages around another": Class(A64, 2, ARM64, pairs(
        number(0x9f000000, 0x90000000), a64_low, (0, 5, 5),
        between=A64_NOP), a64_pair, shift=4096),
    "A64 near": Class(A64, 16, ARM64, words(
        0x7f000000, 0x10000000, 0x18000000, 0x1c000000, 0x34000000, 0x35000000,
        0x36000000, 0x37000000, 0x54000000, 0x58000000), A64_NEAR),
    "A64 any": Class(A64, 16, ARM64, words(0, 0), A64_NEAR),
    "RISC-V calls": Class(RISCV, 1, RV32, words(0x7f, 0x6f),
                          r"jal\t(?:zero|ra|t0),(0x[0-9a-f]+)"),
    "RISC-V pairs": Class(RISCV, 2, RV64, pairs(
        number(0x7f, 0x17, 0x17, 0x37), riscv_low, (7, 15, 5)),
        lambda text, position: riscv_pair(text, position)
        if text[position].startswith("auipc") else None),
    "RISC-V values": Class(RISCV, 8, RV64, pairs(
        number(0x7f, 0x17, 0x37, 0x37), riscv_low, (7, 15, 5)),
        lambda text, position: riscv_pair(text, position)
        if text[position].startswith("lui") else None),
    "RISC-V branches": Class(RISCV, 16, RV32, words(0x7f, 0x63),
                             r"b\w+\t\w+,\w+,(0x[0-9a-f]+)"),
    "RISC-V short": Class(RISCV, 48, RV32, words(
        0x3, 0, 1, 1, 2, size=16),
        r"c\.(?:j(?:al)?\t|b(?:eq|ne)z\t\w+,)(0x[0-9a-f]+)"),
    "RISC-V short of 64 bits": Class(RISCV, 16, RV64, words(
        0x3, 0, 1, 1, 2, size=16),
        r"c\.(?:j\t|b(?:eq|ne)z\t\w+,)(0x[0-9a-f]+)"),
    "x86 branches": Class(X86, 3, X86_64, x86_branch,
                          x86_near),
    "x86 operands": Class(X86, 4, X86_64, x86_operand,
                          r".*\(%rip\).*# (0x[0-9a-f]+)", known=X86_KNOWN),
    "Xtensa calls": Class(XTENSA, 1, LX, xtensa(5, 6),
                          r"(?:call\d+|j)\t(0x[0-9a-f]+)"),
    "Xtensa literals": Class(XTENSA, 2, LX, xtensa(1, 2),
                             r"l32r\t\w+, (0x[0-9a-f]+)"),
    "Xtensa branches": Class(XTENSA, 16, LX, xtensa(6, 7, 7),
                             r"b\w+\t.*, (0x[0-9a-f]+)"),
}


def find_objdump(options):
    """An objdump that knows the processor, or None."""
    for objdump in OBJDUMPS:
        try:
            disassemble(objdump, options, 0, bytes(8))
            return objdump
        except (OSError, subprocess.CalledProcessError):
            continue
    return None


def main():
    """Compares every class; the same words each time."""
    tool = sys.argv[1]
    checked = failed = 0
    for name, sites in CLASSES.items():
        objdump = find_objdump(sites.options)
        if objdump is None:
            print(f"skipped {name}: no objdump knows it")
            continue
        checked += 1
        try:
            count = sites.check(objdump, tool, random.Random(name))
            print(f"ok   {name}: {count} of {COUNT} lead where {objdump} says")
        except AssertionError as error:
            print(f"FAIL {name}: {error}")
            failed += 1
    if failed:
        return 1
    return 0 if checked else 77


if __name__ == "__main__":
    sys.exit(main())
