# SPDX-License-Identifier: MIT
"""A report as text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ratios import COLUMNS, COPY_COLUMN, Change
from tools import OURS, REFERENCE

RATIO_COLUMNS = (*COLUMNS, COPY_COLUMN)
RATIO_HEADS = ("size", "package", "make time", "cpu", "memory",
               "apply time", "cpu", "memory", "to cp")

Row = Sequence[str]


def ratio_text(value: float | None) -> str:
    """Three digits that mean something; `-` for what is not known."""
    if value is None:
        return "-"
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def ratio_cells(ratios: Mapping[str, float | None]) -> list[str]:
    """All ratios of a tool, in the order of the heads."""
    return [ratio_text(ratios[column]) for column in RATIO_COLUMNS]


def align(rows: Sequence[Row], left: int) -> str:
    """Columns of equal width, the first `left` of them flush left."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) if place < left else cell.rjust(width)
                 for place, (cell, width) in enumerate(zip(row, widths))]
        lines.append("  ".join(cells).rstrip() + "\n")
    return "".join(lines)


def pair_rows(pairs: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    """A row for each pair and tool; the pair's name on its first row."""
    for pair in pairs:
        name = pair["name"]
        for tool, record in pair["tools"].items():
            size = record["size"] if record["status"] == "ok" else None
            yield (name, tool, "-" if size is None else str(size),
                   *ratio_cells(record["ratios"]), trip_text(record))
            name = ""


def trip_text(record: Mapping[str, Any]) -> str:
    """The last column: is the new image got back, or what went wrong."""
    if record["status"] != "ok":
        return record["status"].upper()
    return {True: "exact", None: "untried"}[record["exact"]]


def group_rows(groups: Mapping[str, Any]) -> Iterator[Row]:
    """A row for each group and tool."""
    for name, group in groups.items():
        total = len(group["pairs"])
        for tool, means in group["tools"].items():
            count = means["pairs"]
            pairs = str(total) if count == total else f"{count} of {total}"
            yield (name, tool, pairs, *ratio_cells(means))
            name = ""


def problems(report: Mapping[str, Any]) -> Iterator[str]:
    """A line for everything that did not work."""
    for pair in report["pairs"]:
        for tool, record in pair["tools"].items():
            if record["status"] != "ok":
                yield (f"{pair['name']}: {tool}: {record['status']}: "
                       f"{record['detail']}")
        if pair.get("determinism"):
            yield f"{pair['name']}: {OURS}: {pair['determinism']}"


def report_text(report: Mapping[str, Any]) -> str:
    """The whole report: pairs, groups, problems."""
    pairs = align([("pair", "tool", "bytes", *RATIO_HEADS, "round trip"),
                   *pair_rows(report["pairs"])], 2)
    groups = align([("group", "tool", "pairs", *RATIO_HEADS),
                    *group_rows(report["groups"])], 2)
    failures = "".join(f"  {line}\n" for line in problems(report))
    return (f"Ratios to {REFERENCE}; less is better.\n\n{pairs}\n"
            f"Geometric means.\n\n{groups}"
            + (f"\nProblems:\n{failures}" if failures else ""))


def baseline_text(changes: Sequence[Change],
                  means: Mapping[str, float | None]) -> str:
    """What became larger since the baseline, and the means of the rest."""
    lines = [f"\nAgainst the baseline: size {ratio_text(means['size'])}, "
             f"package {ratio_text(means['package'])} (geometric means)."]
    for change in changes:
        if change.after is None:
            lines.append(f"  {change.pair}: {change.before} bytes, now none")
            continue
        percent = 100 * (change.after / change.before - 1)
        lines.append(f"  {change.pair}: {change.column} {change.before} -> "
                     f"{change.after} (+{percent:.2f} %)")
    return "\n".join(lines) + "\n"
