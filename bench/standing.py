# SPDX-License-Identifier: MIT
"""Where mkdelta stands on each pair: to bsdiff, to hdiffz, to the best peer,
within less memory, and how fast its packages are applied.

All of it works on the JSON form of a report, as ratios.py does.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from peers import Peers, smallest
from ratios import ALL, Group, Ratios, figure_of, geometric_mean, ratio, selects
from tools import OURS, REFERENCE

HDIFF = "hdiffz"
KIB_IN_MIB = 1024
MARGIN = 1.01  # more than this to the best peer is said

RAW_ARM = "mcu-*,modem-*,boot-*,det-*,!*libpython*,!*esp8266*"
RAW_ARM_NEXT = ("mcu-*-next,modem-*,boot-*-next,det-*-next,"
                "!*libpython*,!*esp8266*")
GROUPS = (Group(ALL, ("*",)),
          Group("raw-arm", RAW_ARM.split(",")),
          Group("raw-arm-next", RAW_ARM_NEXT.split(",")))


def add_standing(pair: dict[str, Any], peers: Peers) -> None:
    """Give a pair its `standing`; None when mkdelta failed or was left out.

    Peers are those of the peers file and the other tools of this run.
    """
    ours = pair["tools"].get(OURS)
    if not ours or ours["status"] != "ok":
        pair["standing"] = None
        return
    sizes = peer_sizes(pair, peers)
    best, hdiff = smallest(sizes), smallest(sizes, HDIFF)
    pair["standing"] = {
        "size": ours["size"],
        "overhead": ours["package"] - ours["size"],
        "best": best,
        "peers": sizes,
        "ratios": {**size_ratios(ours["size"], sizes, best, hdiff),
                   **budget_ratios(pair, ours["size"], sizes),
                   **speed_ratios(pair, ours)},
    }


def peer_sizes(pair: Mapping[str, Any], peers: Peers) -> dict[str, int]:
    """Bytes by tool: measured now, else as the peers file has it."""
    measured = {name: record["size"] for name, record in pair["tools"].items()
                if name != OURS and record["status"] == "ok"}
    return {**peers.get(pair["name"], {}), **measured}


def size_ratios(size: int, sizes: Mapping[str, int], best: str | None,
                hdiff: str | None) -> Ratios:
    """Our delta to those of others."""
    return {"to_bsdiff": ratio(size, sizes.get(REFERENCE)),
            "to_hdiffz": ratio(size, sizes.get(hdiff or "")),
            "to_best": ratio(size, sizes.get(best or ""))}


def budget_ratios(pair: Mapping[str, Any], size: int,
                  sizes: Mapping[str, int]) -> Ratios:
    """Our delta within less memory, to the default one and to bsdiff."""
    found: Ratios = {}
    for budget, record in pair.get("budgets", {}).items():
        small = record["size"] if record["status"] == "ok" else None
        found[f"{budget}_to_default"] = ratio(small, size)
        found[f"{budget}_to_bsdiff"] = ratio(small, sizes.get(REFERENCE))
    return found


def speed_ratios(pair: Mapping[str, Any],
                 ours: Mapping[str, Any]) -> Ratios:
    """Times to those of bsdiff and of plain copies; then what is no ratio:
    `apply_rate` in MB of the new image a second, peak memory in MiB.
    """
    reference = pair["tools"].get(REFERENCE, {})
    if reference.get("status") != "ok":
        reference = {}
    applied = figure_of(ours, ("apply", "wall"))
    megabytes = pair["new"]["size"] / 1e6
    return {
        "make_to_bsdiff": ratio(figure_of(ours, ("make", "wall")),
                                figure_of(reference, ("make", "wall"))),
        "apply_to_bspatch": ratio(applied,
                                  figure_of(reference, ("apply", "wall"))),
        "apply_to_cp": ratio(applied, figure_of(pair, ("copy", "wall"))),
        "apply_to_dd": ratio(applied, figure_of(pair, ("rewrite", "wall"))),
        "apply_rate": ratio(megabytes, applied),
        "make_memory": mebibytes(ours, "make"),
        "make_memory_bsdiff": mebibytes(reference, "make"),
        "apply_memory": mebibytes(ours, "apply"),
        "apply_memory_bspatch": mebibytes(reference, "apply"),
    }


def mebibytes(record: Mapping[str, Any], verb: str) -> float | None:
    """The peak memory of making or applying, in MiB."""
    return ratio(figure_of(record, (verb, "memory")), KIB_IN_MIB)


def default_groups(names: Iterable[str]) -> list[Group]:
    """`all`, and of the usual groups those that have pairs here."""
    known = list(names)
    return [group for group in GROUPS
            if group.name == ALL
            or any(selects(group.patterns, name) for name in known)]


def standing_means(pairs: Sequence[Mapping[str, Any]],
                   group: Group) -> dict[str, Any]:
    """The geometric mean of each figure, and how many pairs it counts.

    A figure that some pairs lack has a smaller count; see `counts`.
    """
    rows = [pair["standing"]["ratios"] for pair in pairs
            if pair.get("standing") and selects(group.patterns, pair["name"])]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in names}
    return {
        "pairs": len(rows),
        "ratios": {name: geometric_mean(column)
                   for name, column in columns.items()},
        "counts": {name: sum(1 for figure in column if figure)
                   for name, column in columns.items()}}


def behind(pairs: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, float]]:
    """Pairs on which the best peer is ahead by more than the margin.

    Pair, that peer, our delta to its; the worst one first.
    """
    found = []
    for pair in pairs:
        standing = pair.get("standing")
        to_best = standing and standing["ratios"]["to_best"]
        if to_best and to_best > MARGIN:
            found.append((pair["name"], standing["best"], to_best))
    return sorted(found, key=lambda entry: -entry[2])


def other_bsdiff(pair: Mapping[str, Any], peers: Peers) -> bool:
    """Whether the peers file tells of other images, by bsdiff's size."""
    measured = pair["tools"].get(REFERENCE, {})
    listed = peers.get(pair["name"], {}).get(REFERENCE)
    return (measured.get("status") == "ok" and listed is not None
            and listed != measured["size"])
