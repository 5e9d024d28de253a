# SPDX-License-Identifier: MIT
"""A report as text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ratios import COLUMNS, COPY_COLUMN, Change
from standing import MARGIN, behind
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
        for budget, record in pair.get("budgets", {}).items():
            if record["status"] != "ok":
                yield (f"{pair['name']}: {OURS} --ram {budget}: "
                       f"{record['status']}: {record['detail']}")
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


# Figures of the tables on mkdelta alone, and their heads.
SIZE_HEADS = {"to_bsdiff": "/ bsdiff", "to_hdiffz": "/ hdiffz",
              "to_best": "/ best"}
SPEED_HEADS = {"make_to_bsdiff": "make / bsdiff", "make_memory": "MiB",
               "make_memory_bsdiff": "bsdiff MiB",
               "apply_to_bspatch": "apply / bspatch", "apply_to_cp": "/ cp",
               "apply_to_dd": "/ dd", "apply_rate": "MB/s",
               "apply_memory": "MiB", "apply_memory_bspatch": "bspatch MiB"}


def budget_heads(budgets: Iterable[str]) -> dict[str, str]:
    """The figures of each budget, and their heads."""
    heads = {}
    for budget in budgets:
        heads[f"{budget}_to_default"] = f"{budget} / default"
        heads[f"{budget}_to_bsdiff"] = f"{budget} / bsdiff"
    return heads


def figure_cells(ratios: Mapping[str, float | None],
                 heads: Mapping[str, str]) -> list[str]:
    """A row's figures in the order of the heads."""
    return [ratio_text(ratios.get(name)) for name in heads]


def standing_text(report: Mapping[str, Any]) -> str:
    """mkdelta to its peers, within budgets, and its speed; none, no text."""
    pairs = [pair for pair in report["pairs"] if pair.get("standing")]
    if not pairs:
        return ""
    heads = {**SIZE_HEADS, **budget_heads(report["options"]["budgets"])}
    sizes = [(pair["name"], str(pair["standing"]["size"]),
              str(pair["standing"]["overhead"]),
              *figure_cells(pair["standing"]["ratios"], heads),
              pair["standing"]["best"] or "-") for pair in pairs]
    speeds = [(pair["name"], f"{pair['new']['size'] / 1e6:.2f}",
               *figure_cells(pair["standing"]["ratios"], SPEED_HEADS))
              for pair in pairs]
    lines = [(name, str(means["pairs"]),
              *figure_cells(means["ratios"], heads))
             for name, means in standing_groups(report)]
    paces = [(name, str(means["pairs"]),
              *figure_cells(means["ratios"], SPEED_HEADS))
             for name, means in standing_groups(report)]
    tables = (
        align([("pair", "delta", "overhead", *heads.values(), "best peer"),
               *sizes], 1),
        align([("group", "pairs", *heads.values()), *lines], 1),
        behind_text(report["pairs"]),
        align([("pair", "MB", *SPEED_HEADS.values()), *speeds], 1),
        align([("group", "pairs", *SPEED_HEADS.values()), *paces], 1))
    return (f"\n{OURS}: deltas to those of its peers, and within budgets of "
            "memory; then its speed.\n\n" + "\n".join(tables)
            + "".join(incomplete(report, {**heads, **SPEED_HEADS})))


def standing_groups(report: Mapping[str, Any]
                    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each group's name and means."""
    for name, group in report["groups"].items():
        yield name, group["standing"]


def behind_text(pairs: Sequence[Mapping[str, Any]]) -> str:
    """Where a peer is ahead."""
    if not any(pair["standing"] and pair["standing"]["best"]
               for pair in pairs):
        return "No peers to compare with.\n"
    found = behind(pairs)
    if not found:
        return f"No pair exceeds {MARGIN} of the best peer.\n"
    return (f"More than {MARGIN} of the best peer:\n"
            + "".join(f"  {name}: {to_best:.3f} of {peer}\n"
                      for name, peer, to_best in found))


def incomplete(report: Mapping[str, Any],
               heads: Mapping[str, str]) -> Iterator[str]:
    """A line for each mean that lacks some of its group's pairs."""
    for name, means in standing_groups(report):
        for figure, count in means["counts"].items():
            if 0 < count < means["pairs"] and figure in heads:
                yield (f"  {name}: {heads[figure]} is over {count} of "
                       f"{means['pairs']} pairs\n")


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
