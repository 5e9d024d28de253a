# SPDX-License-Identifier: MIT
"""What the programs here share: where to look, what to accept, how to end."""

import signal
import sys
from pathlib import Path
from typing import NoReturn

from tools import OURS, Tool

BUILT = Path(__file__).resolve().parent.parent / "build" / "release" / "bin"

EXIT_WORSE = 1
EXIT_USAGE = 2
EXIT_MACHINE = 3


class UsageError(Exception):
    """The command line asks for what cannot be done."""


def positive(text: str) -> int:
    """A count, for argparse."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def seconds(text: str) -> float:
    """A time limit, for argparse."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError
    return number


def folders_of(tool: Tool, programs: Path | None) -> list[str | None]:
    """Where to look for a tool; None is PATH."""
    if tool.name != OURS:
        return [None]
    return [str(programs.resolve())] if programs else [str(BUILT), None]


def end_cleanly() -> None:
    """Let signals end us as an exception, so that everything is cleaned up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def stop(number: int, _frame: object) -> NoReturn:
    """Exit as a shell reports the signal."""
    sys.exit(128 + number)
