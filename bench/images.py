# SPDX-License-Identifier: MIT
"""Firmware-like images of any size, the same bytes on every machine.

Code bytes of the bundled images are cut into blocks, and the blocks repeated
in other orders, each time with other registers and small constants: without
that, an image would be one short match after the other for every tool. Only
Python's seeded generator decides, whose bits do not depend on its version.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

PAIRS = Path(__file__).resolve().parent.parent / "testdata" / "pairs"
SOURCES = ("micropython-armv7m", "micropython-armv6m", "tfa-stm32mp1-armv7a")

BLOCK_MIN, BLOCK_MAX = 64, 2048  # bytes; the sizes of functions
EDIT_MIN, EDIT_MAX = 32, 512     # likewise, of a change
# The fields of most Thumb instructions that hold a low register.
FIELDS = bytes((0x3F, 0x00))
FLIP_ANDS = 3  # of random bits: one in eight is set
KINDS = ("replace", "insert", "remove")


def code() -> bytes:
    """The code that images are made of."""
    return b"".join((PAIRS / name / "old").read_bytes() for name in SOURCES)


def blocks(source: bytes, chance: random.Random) -> list[bytes]:
    """Cut at even places into blocks of uneven lengths."""
    cut, at = [], 0
    while at < len(source):
        size = 2 * chance.randrange(BLOCK_MIN // 2, BLOCK_MAX // 2)
        cut.append(source[at:at + size])
        at += size
    return cut


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Other registers in about half of the instructions.

    Each bit of a register field flips with a probability of 1/8.
    """
    bits = 8 * len(data)
    fields = FIELDS * (len(data) // 2) + FIELDS[:len(data) % 2]
    flips = int.from_bytes(fields, "little")
    for _ in range(FLIP_ANDS):
        flips &= chance.getrandbits(bits)
    changed = int.from_bytes(data, "little") ^ flips
    return changed.to_bytes(len(data), "little")


def stream(seed: int) -> Iterator[bytes]:
    """Code without end, a block at a time."""
    chance = random.Random(seed)
    cut = blocks(code(), chance)
    while True:
        chance.shuffle(cut)
        for block in cut:
            yield mutated(block, chance)


def image(size: int, seed: int = 1) -> bytes:
    """`size` bytes of code; a larger image of a seed begins like this one."""
    made = bytearray()
    for block in stream(seed):
        made += block
        if len(made) >= size:
            return bytes(made[:size])
    raise AssertionError("the stream has no end")


def changed(old: bytes, share: float, seed: int = 2) -> bytes:
    """A next version in which `share` (0 to 1) of the bytes is touched.

    Places of 32 to 512 bytes, spread evenly: one kind in turn is replaced by
    other code, moved aside by inserted code, or removed. The length stays.
    """
    chance = random.Random(seed)
    fresh = image(len(old) + EDIT_MAX, seed + 1)
    made, done = bytearray(), 0
    for number, (at, size) in enumerate(places(len(old), share, chance)):
        kind = KINDS[number % len(KINDS)]
        made += old[done:at]
        if kind != "remove":
            made += fresh[at:at + size]
        done = at if kind == "insert" else at + size
    made += old[done:]
    made += fresh[len(made):]
    return bytes(made[:len(old)])


def places(length: int, share: float,
           chance: random.Random) -> Sequence[tuple[int, int]]:
    """Where to edit, in order and apart: offset and size, both even."""
    mean = (EDIT_MIN + EDIT_MAX) // 2
    count = max(1, round(length * share / mean)) if share else 0
    found = []
    for number in range(count):
        start = length * number // count
        slot = length * (number + 1) // count - start
        size = 2 * chance.randrange(EDIT_MIN // 2, EDIT_MAX // 2 + 1)
        size = min(size, slot & ~1)
        room = (slot - size) // 2
        found.append(((start + 1 & ~1) + 2 * chance.randrange(room)
                      if room else start + 1 & ~1, size))
    return found
