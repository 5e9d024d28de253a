# SPDX-License-Identifier: MIT
"""Sizes that other tools reached elsewhere, read from a peers file.

Tab-separated lines: pair, tool, bytes of the patch, then anything; the last
of more than three columns says how the round trip went. Sizes carry over from
one machine to another; times do not, and are not read.
"""

from collections.abc import Mapping
from pathlib import Path

FILE_NAME = "peers.tsv"
COLUMNS_MIN = 3
GOOD = ("ok", "size-only")

Peers = dict[str, dict[str, int]]


class PeersError(Exception):
    """A peers file that is not one; says where."""


def find_peers(folder: Path) -> Path | None:
    """The peers file that comes with a folder of pairs, in it or beside it."""
    for place in (folder, folder.parent):
        if (place / FILE_NAME).is_file():
            return place / FILE_NAME
    return None


def parse_peers(text: str) -> Peers:
    """Bytes by pair and tool; without those that failed.

    A first line whose third column is no number is the header. A tool that
    is listed twice for a pair counts with its smaller patch.
    """
    peers: Peers = {}
    for number, line in enumerate(text.splitlines(), 1):
        cells = line.rstrip().split("\t")
        if not line.strip() or line.startswith("#"):
            continue
        if len(cells) < COLUMNS_MIN:
            raise PeersError(f"line {number}: fewer than 3 columns")
        pair, tool, size = cells[:COLUMNS_MIN]
        if not size.isdecimal():
            if number > 1 and is_good(cells):
                raise PeersError(f"line {number}: {size!r} is no size")
            continue
        if is_good(cells) and int(size) > 0:
            tools = peers.setdefault(pair, {})
            tools[tool] = min(int(size), tools.get(tool, int(size)))
    return peers


def is_good(cells: list[str]) -> bool:
    """Whether a line's patch counts: its round trip did not fail."""
    return len(cells) == COLUMNS_MIN or cells[-1].startswith(GOOD)


def smallest(sizes: Mapping[str, int], prefix: str = "") -> str | None:
    """The tool with the smallest patch, of those whose name begins so.

    Of equals the first by name; None when there is none.
    """
    names = [name for name in sorted(sizes) if name.startswith(prefix)]
    return min(names, key=lambda name: sizes[name], default=None)
