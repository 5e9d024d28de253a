#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares what our predictor takes for branches with what objdump does.

usage: predict_objdump.py PREDICT_TOOL

Random instructions of each class must lead to the same places for both, and
what the predictor makes of them, where their targets moved, must lead there by
objdump.  Without an objdump that knows Arm it is skipped (status 77).
"""
import pathlib
import random
import re
import subprocess
import sys
import tempfile

OBJDUMPS = ("objdump", "arm-none-eabi-objdump", "aarch64-linux-gnu-objdump")
COUNT = 4000  # instructions of a class
MASK = 0xffffffff
ANY = -1  # a target that is not compared

CONDITION = "(?:eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)"
T32 = re.compile(rf"(?:bl|blx|b\.w|b{CONDITION}\.w)\t(0x[0-9a-f]+)")
A32 = re.compile(rf"(?:b|bl|blx){CONDITION}?\t(0x[0-9a-f]+)")
A64 = re.compile(r"(?:b|bl)\t(0x[0-9a-f]+)")
ADRP = re.compile(r"adrp\tx(\d+), (0x[0-9a-f]+)")
ADD = re.compile(r"add\t(?:x\d+|sp), x(\d+), #(0x[0-9a-f]+)$")
LOAD = re.compile(r"(?:(?:ld|st)rs?[bhw]?|prfm)\t[^\[]*\[x(\d+), #(\d+)\]$")


def halves(first, second):
    """Two halfwords of Thumb-2 in the order of their bytes."""
    return first.to_bytes(2, "little") + second.to_bytes(2, "little")


def t32_wide(rng):
    """BL, BLX, B.W, Bcc.W, and what shares their first bits."""
    return halves(0xf000 | rng.getrandbits(11), 0x8000 | rng.getrandbits(15))


def t32_other(rng):
    """Other instructions of 32 bits, or two of 16 bits."""
    if rng.randrange(2):
        return halves(0xe800 | rng.getrandbits(11), rng.getrandbits(16))
    return halves(rng.randrange(0xe800), rng.randrange(0xe800))


def a32_branch(rng):
    """B, BL and BLX on any condition."""
    return (rng.getrandbits(32) & ~(7 << 25) | 5 << 25).to_bytes(4, "little")


def any_word(rng):
    """Whatever comes."""
    return rng.getrandbits(32).to_bytes(4, "little")


def a64_branch(rng):
    """B and BL."""
    return (rng.getrandbits(32) & 0x83ffffff | 5 << 26).to_bytes(4, "little")


def a64_pair(rng):
    """ADRP, and something that completes it, or almost."""
    register = rng.randrange(31)
    page = rng.getrandbits(32) & 0x60ffffe0 | 0x90000000 | register
    base = register if rng.randrange(4) else rng.randrange(31)
    kind = rng.choice((0x39000000, 0x39000000, 0x38000000, 0x11000000,
                       0x91000000, 0x91000000, 0x29000000, 0x51000000))
    spare = 0xc4c00000 if kind in (0x39000000, 0x38000000) else 0x00400000
    immediate = rng.getrandbits(rng.choice((6, 8, 10, 12)))
    word = (kind | rng.getrandbits(32) & spare | immediate << 10 | base << 5
            | rng.randrange(31))
    return page.to_bytes(4, "little") + word.to_bytes(4, "little")


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
            found[int(fields[0][:-1], 16)] = re.sub(
                r"\s*(;|//|@).*", "", fields[2]).strip()
    return found


def branches(pattern):
    """A function that gives the target of a branch, or None."""
    def target(text, position):
        match = pattern.match(text.get(position, ""))
        return int(match.group(1), 16) & MASK if match else None
    return target


def blx_word(text, position):
    """As A32, but that bit 1 of a BLX's target is none of its distance."""
    target = branches(A32)(text, position)
    return target & ~3 if target is not None else None


def pair_target(text, position):
    """Where an ADRP leads with what is behind it; ANY before no instruction."""
    if text[position + 4].startswith(".inst"):
        return ANY
    page = ADRP.match(text[position])
    low = ADD.match(text[position + 4]) or LOAD.match(text[position + 4])
    target = int(page.group(2), 16)
    if low and low.group(1) == page.group(1) and int(low.group(2), 0) < 4096:
        target += int(low.group(2), 0)
    return target & MASK


class Class:
    """A class of instructions, and how both sides look at it."""

    def __init__(self, make, kinds, options, target, **more):
        self.make = make
        self.kinds = kinds
        self.options = options
        self.target = target
        self.position = more.get("position", 0x40000000)
        self.shift = more.get("shift", 16)
        self.reach = more.get("reach")  # how far a branch goes, by its text
        self.pages = more.get("pages", False)

    def visible(self, target, position, text):
        """Whether the predictor can change it: not where it is too far."""
        if target is None or target >= MASK:
            return False
        if self.pages:
            return True
        return target + self.shift - position < self.reach(text[position])

    def foreseen(self, tool, code, size):
        """Target and changed bytes of all that the predictor changes."""
        lines = subprocess.run(
            [tool, str(self.kinds), str(size), hex(self.position),
             str(self.shift)], input=code, check=True,
            stdout=subprocess.PIPE).stdout.decode().splitlines()
        return {int(position, 16): (int(target, 16), bytes.fromhex(changed))
                for position, target, changed in map(str.split, lines)}

    def check(self, objdump, tool, rng):
        """Compares both; gives how many branches they agree upon."""
        pieces = [self.make(rng) for _ in range(COUNT)]
        size = len(pieces[0])
        code = b"".join(pieces)
        text = disassemble(objdump, self.options, self.position, code)
        foreseen = self.foreseen(tool, code, size)
        wanted = {}
        for i in range(COUNT):
            position = self.position + i * size
            target = self.target(text, position)
            if self.pages and target & 0xfff == 0 and self.shift < 4096:
                target = ANY  # a page alone stays what it is
            if target == ANY:
                foreseen.pop(position, None)
            elif self.visible(target, position, text):
                wanted[position] = target
        for position in sorted(set(wanted) | set(foreseen)):
            ours = foreseen.get(position, (None,))[0]
            if wanted.get(position) != ours:
                raise AssertionError(f"{position:x}: {text[position]}: "
                                     f"we say {ours}")
        moved = bytearray(code)
        for position, (_, changed) in foreseen.items():
            at = position - self.position
            moved[at:at + size] = changed
        text = disassemble(objdump, self.options, self.position, bytes(moved))
        for position, target in wanted.items():
            if self.target(text, position) != (target + self.shift) & MASK:
                raise AssertionError(f"{position:x}: {text[position]} is not "
                                     f"{target + self.shift:x}")
        return len(wanted)


def t32_reach(text):
    """Conditional branches go less far."""
    return 1 << 20 if re.match(rf"b{CONDITION}\.w", text) else 1 << 24


THUMB = ("-m", "arm", "-M", "force-thumb")
ARM = ("-m", "arm")
ARM64 = ("-m", "aarch64")
CLASSES = {
    "T32 branches": Class(t32_wide, 50, THUMB, branches(T32), reach=t32_reach),
    "T32 branches at halfwords": Class(t32_wide, 50, THUMB, branches(T32),
                                       reach=t32_reach, position=0x40000002),
    "T32 others": Class(t32_other, 50, THUMB, branches(T32), reach=t32_reach),
    "A32 branches": Class(a32_branch, 4, ARM, blx_word,
                          reach=lambda _: (1 << 25) + 8),
    "A32 any": Class(any_word, 4, ARM, blx_word,
                     reach=lambda _: (1 << 25) + 8),
    "A64 branches": Class(a64_branch, 8, ARM64, branches(A64),
                          reach=lambda _: 1 << 27),
    "A64 any": Class(any_word, 8, ARM64, branches(A64),
                     reach=lambda _: 1 << 27),
    "A64 pages": Class(a64_pair, 8, ARM64, pair_target, shift=4096, pages=True),
    "A64 pairs": Class(a64_pair, 8, ARM64, pair_target, pages=True),
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
    skipped = failed = 0
    for name, instructions in CLASSES.items():
        objdump = find_objdump(instructions.options)
        if objdump is None:
            print(f"skipped {name}: no objdump knows it")
            skipped += 1
            continue
        try:
            count = instructions.check(objdump, tool, random.Random(name))
            print(f"ok   {name}: {count} of {COUNT} lead where {objdump} says")
        except AssertionError as error:
            print(f"FAIL {name}: {error}")
            failed += 1
    if failed:
        return 1
    return 77 if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
