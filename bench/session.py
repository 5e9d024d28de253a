# SPDX-License-Identifier: MIT
"""Runs every tool on one pair, interleaved, and keeps what it measured."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from measure import Usage, median, run_measured
from tools import COPIES, Tool, fill, xdelta_window

CHUNK = 1 << 20

Report = Callable[[str], None]


class Pair(NamedTuple):
    """Two images; the name is their folder's."""

    name: str
    old: Path
    new: Path


class Settings(NamedTuple):
    """What holds for the whole session."""

    runs: int
    timeout: float | None
    extra: Sequence[str]
    jobs: int | None
    apply: bool
    folder: Path
    """Scratch space for one pair."""


class ToolError(Exception):
    """A tool did not do its work; says what it did instead."""

    def __init__(self, status: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass
class Result:
    """What one tool did with one pair.

    status: `ok`; `failed` or `timeout` with a detail; `wrong` when its
    patch does not give the new image back. Only `ok` enters any ratio.
    """

    status: str = "ok"
    detail: str = ""
    size: int | None = None
    package: int | None = None
    exact: bool | None = None
    codec: str | None = None
    ram: int | None = None
    files: list[Path] = field(default_factory=list)
    makes: list[Usage] = field(default_factory=list)
    applies: list[Usage] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """As it stands in the JSON report."""
        shown = ("status", "detail", "size", "package", "exact", "codec",
                 "ram")
        return {**{name: getattr(self, name) for name in shown},
                "make": usage_record(median(self.makes)),
                "apply": usage_record(median(self.applies))}


def usage_record(usage: Usage | None) -> dict[str, float] | None:
    """As it stands in the JSON report."""
    return usage._asdict() if usage else None


def find_pairs(folder: Path) -> list[Pair]:
    """Every NAME in folder that holds two files, NAME/old and NAME/new."""
    pairs = [Pair(entry.name, entry / "old", entry / "new")
             for entry in sorted(folder.iterdir())]
    return [pair for pair in pairs
            if pair.old.is_file() and pair.new.is_file()]


def measure_pair(pair: Pair, tools: Sequence[Tool], settings: Settings,
                 report: Report
                 ) -> tuple[dict[str, Result], dict[str, Usage | None]]:
    """All tools on one pair, and the cost of plain copies of new.

    Each round runs each tool once, so that a machine that slows down does
    so for all of them.
    """
    results = {tool.name: Result() for tool in tools}
    for number, tool in rounds(tools, settings.runs):
        report(f"make {number + 1}/{settings.runs} {tool.name}")
        attempt(results[tool.name], make_once, tool, pair, settings)
    copies = {tool.name: Result() for tool in COPIES}
    if settings.apply:
        for number, tool in rounds([*tools, *COPIES], settings.runs):
            report(f"apply {number + 1}/{settings.runs} {tool.name}")
            result = {**results, **copies}[tool.name]
            attempt(result, apply_once, tool, pair, settings)
    return results, {name: median(copy.applies)
                     for name, copy in copies.items()}


def measure_budget(tool: Tool, pair: Pair, settings: Settings,
                   budget: str) -> Result:
    """Our tool once more, for a module that has no more memory than that."""
    result = Result()
    limited = settings._replace(extra=(*settings.extra, "--ram", budget))
    attempt(result, make_once, tool, pair, limited)
    if settings.apply:
        attempt(result, apply_once, tool, pair, limited)
    return result


def rounds(tools: Sequence[Tool], runs: int) -> Iterator[tuple[int, Tool]]:
    """Each tool once a round; each round begins with another one."""
    for number in range(runs):
        for place in range(len(tools)):
            yield number, tools[(number + place) % len(tools)]


def attempt(result: Result, step: Callable[..., None], *given: Any) -> None:
    """Do one step unless the tool failed before; note if it fails now."""
    if result.status != "ok":
        return
    try:
        step(result, *given)
    except ToolError as error:
        result.status, result.detail = error.status, str(error)


def make_once(result: Result, tool: Tool, pair: Pair,
              settings: Settings) -> None:
    """Make the patch again and look at what came out."""
    usage = make_package(result, tool, pair, settings,
                         settings.folder / tool.name)
    result.makes.append(usage)


def make_package(result: Result, tool: Tool, pair: Pair, settings: Settings,
                 folder: Path) -> Usage:
    """Make a patch in a folder of its own, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    patch = folder / "patch"
    command = fill(tool.make, values(pair, patch, folder, settings))
    outcome = run_measured(command, folder, settings.timeout)
    if outcome.status != "ok":
        raise ToolError(outcome.status, f"making: {outcome.detail}")
    if tool.reports:
        read_report(result, outcome.stdout, folder)
    else:
        result.files = [patch]
        result.size = size_of(patch)
    result.package = sum(size_of(file) for file in result.files)
    return outcome.usage


def apply_once(result: Result, tool: Tool, pair: Pair,
               settings: Settings) -> None:
    """Apply the last patch and compare what comes out with new."""
    folder = settings.folder / tool.name
    folder.mkdir(exist_ok=True)
    out = folder / "out"
    out.unlink(missing_ok=True)
    patch = result.files[0] if result.files else folder / "patch"
    command = fill(tool.apply, values(pair, patch, folder, settings))
    outcome = run_measured(command, folder, settings.timeout)
    if outcome.status != "ok":
        raise ToolError(outcome.status, f"applying: {outcome.detail}")
    result.exact = same_bytes(out, pair.new)
    if not result.exact:
        raise ToolError("wrong", "the patch does not give the new image")
    result.applies.append(outcome.usage)


def values(pair: Pair, patch: Path, folder: Path,
           settings: Settings) -> dict[str, str | Sequence[str]]:
    """What a command's words may ask for."""
    jobs = () if settings.jobs is None else ("-j", str(settings.jobs))
    return {"old": str(pair.old), "new": str(pair.new), "patch": str(patch),
            "out": str(folder / "out"), "extra": (*settings.extra, *jobs),
            "window": xdelta_window(pair.old.stat().st_size)}


def read_report(result: Result, text: str, folder: Path) -> None:
    """Take sizes and names from `mkdelta --json`."""
    try:
        said = json.loads(text)
        files = [folder / entry["path"] for entry in said["files"]]
        deltas = said["deltas"]
        result.size = sum(delta["size"] for delta in deltas)
        result.codec = "+".join(sorted({str(d["codec"]) for d in deltas}))
        result.ram = max(delta["ram"] for delta in deltas)
    except (ValueError, KeyError, TypeError) as error:
        raise ToolError("failed", f"its JSON is not understood: {error!r}")
    if not files:
        raise ToolError("failed", "its JSON names no file")
    result.files = files


def check_determinism(tool: Tool, pair: Pair, settings: Settings) -> str:
    """Say how packages of the same images differ; nothing if they do not.

    Twice as asked, then with one thread and with two; each in a folder of
    its own, so that a path inside the package shows too.
    """
    digests = {}
    for label, jobs in (("first", settings.jobs), ("again", settings.jobs),
                        ("-j 1", 1), ("-j 2", 2)):
        folder = settings.folder / f"same{len(digests)}"
        asked = settings._replace(jobs=jobs)
        result = Result()
        try:
            make_package(result, tool, pair, asked, folder)
        except ToolError as error:
            return f"{label}: {error}"
        digests[label] = [digest(file) for file in result.files]
    other = [label for label in digests if digests[label] != digests["first"]]
    return f"other bytes: {', '.join(other)}" if other else ""


def size_of(path: Path) -> int:
    """A file's bytes; a tool that wrote none has failed."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        raise ToolError("failed", f"wrote no {path.name}") from None


def same_bytes(one: Path, other: Path) -> bool:
    """Compare two files; one that is missing equals nothing."""
    if not one.is_file() or one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        while block := left.read(CHUNK):
            if block != right.read(CHUNK):
                return False
    return True


def digest(path: Path) -> str:
    """A file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
