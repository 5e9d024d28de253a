# SPDX-License-Identifier: MIT
"""The arithmetic of a report: ratios, geometric means, groups, baseline.

Everything here works on the JSON form of a report, so that an earlier one
read from a file and the one just measured are the same thing.
"""

import fnmatch
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tools import OURS, REFERENCE

ALL = "all"

# Column, and where its figure stands in a tool's record.
COLUMNS = {
    "size": ("size",),
    "package": ("package",),
    "make_time": ("make", "wall"),
    "make_cpu": ("make", "cpu"),
    "make_memory": ("make", "memory"),
    "apply_time": ("apply", "wall"),
    "apply_cpu": ("apply", "cpu"),
    "apply_memory": ("apply", "memory"),
}
COPY_COLUMN = "copy_time"

Ratios = dict[str, float | None]


class Group(NamedTuple):
    """A named choice of pairs."""

    name: str
    patterns: Sequence[str]


class Change(NamedTuple):
    """A figure that is larger than it was; `after` None: there is none."""

    pair: str
    column: str
    before: int
    after: int | None


def selects(patterns: Sequence[str], name: str) -> bool:
    """Whether a name matches a list of globs, `!` before one excluding.

    A list that only excludes takes everything else.
    """
    wanted = [p for p in patterns if not p.startswith("!")] or ["*"]
    unwanted = [p[1:] for p in patterns if p.startswith("!")]
    return (any(fnmatch.fnmatchcase(name, p) for p in wanted)
            and not any(fnmatch.fnmatchcase(name, p) for p in unwanted))


def geometric_mean(figures: Iterable[float | None]) -> float | None:
    """The mean that suits ratios: half and double cancel out.

    Unknown figures are left out; None when none is known.
    """
    logs = [math.log(figure) for figure in figures if figure]
    return math.exp(sum(logs) / len(logs)) if logs else None


def ratio(figure: float | None, to: float | None) -> float | None:
    """figure/to; None when either is unknown or zero (no mean takes it)."""
    return figure / to if figure and to else None


def figure_of(record: Mapping[str, Any], path: Sequence[str]) -> float | None:
    """Follow path into a tool's record; None when it was not measured."""
    value: Any = record
    for key in path:
        if value is None:
            return None
        value = value.get(key)
    return value


def tool_ratios(record: Mapping[str, Any], reference: Mapping[str, Any],
                copy: Mapping[str, Any] | None) -> Ratios:
    """One tool on one pair, as ratios; all None unless both are `ok`."""
    both = record["status"] == "ok" == reference.get("status")
    found: Ratios = {
        column: ratio(figure_of(record, path), figure_of(reference, path))
        if both else None
        for column, path in COLUMNS.items()}
    applied = figure_of(record, ("apply", "wall"))
    copied = copy["wall"] if copy else None
    found[COPY_COLUMN] = (ratio(applied, copied)
                          if record["status"] == "ok" else None)
    return found


def add_ratios(pair: dict[str, Any]) -> None:
    """Give every tool's record of a pair its `ratios`."""
    reference = pair["tools"].get(REFERENCE, {})
    for record in pair["tools"].values():
        record["ratios"] = tool_ratios(record, reference, pair["copy"])


def group_means(pairs: Sequence[Mapping[str, Any]],
                group: Group) -> dict[str, Any]:
    """The geometric mean of each tool's ratios over the group's pairs.

    `pairs` beside a tool's means says on how many it counts: a tool that
    failed on some is averaged over the others.
    """
    members = [pair for pair in pairs if selects(group.patterns, pair["name"])]
    tools: dict[str, Any] = {}
    for name in dict.fromkeys(n for pair in members for n in pair["tools"]):
        records = [pair["tools"][name] for pair in members]
        good = [r["ratios"] for r in records if r["status"] == "ok"]
        tools[name] = {"pairs": len(good),
                       **{column: geometric_mean(r[column] for r in good)
                          for column in (*COLUMNS, COPY_COLUMN)}}
    return {"pairs": [pair["name"] for pair in members], "tools": tools}


def same_images(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two reports' pairs of one name hold the same images."""
    return all(one[image]["sha256"] == other[image]["sha256"]
               for image in ("old", "new"))


def grown(before: Mapping[str, Any],
          after: Mapping[str, Any]) -> list[Change]:
    """Where our delta or package became larger since an earlier report.

    A pair that worked then and does not now has grown beyond measure.
    Pairs of only one report, or whose images changed, are not compared.
    """
    earlier = {pair["name"]: pair for pair in before["pairs"]}
    changes = []
    for pair in after["pairs"]:
        was = earlier.get(pair["name"])
        if was is None or not same_images(was, pair):
            continue
        changes += grown_pair(pair["name"], was["tools"].get(OURS),
                              pair["tools"].get(OURS))
    return changes


def grown_pair(name: str, was: Mapping[str, Any] | None,
               now: Mapping[str, Any] | None) -> list[Change]:
    """The same for one pair; a tool that one report left out is no change."""
    if was is None or now is None or was["status"] != "ok":
        return []
    if now["status"] != "ok":
        return [Change(name, "size", was["size"], None)]
    return [Change(name, column, was[column], now[column])
            for column in ("size", "package") if now[column] > was[column]]


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> Ratios:
    """Our sizes now to those of an earlier report: geometric means."""
    earlier = {pair["name"]: pair for pair in before["pairs"]}
    both = [(earlier[pair["name"]]["tools"][OURS], pair["tools"][OURS])
            for pair in after["pairs"]
            if comparable(earlier.get(pair["name"]), pair)]
    return {column: geometric_mean(ratio(now[column], was[column])
                                   for was, now in both)
            for column in ("size", "package")}


def comparable(was: Mapping[str, Any] | None, now: Mapping[str, Any]) -> bool:
    """Whether both pairs hold the same images and we managed both."""
    return (was is not None and same_images(was, now)
            and all(pair["tools"].get(OURS, {}).get("status") == "ok"
                    for pair in (was, now)))
