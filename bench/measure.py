# SPDX-License-Identifier: MIT
"""Run one command and say what it cost: wall time, CPU time, peak memory.

A child that Python starts itself inherits Python's own memory as its
ru_maxrss: exec does not reset the mark, so a patcher of 2 MiB would be
reported as 15 MiB. The command is therefore forked by a small shell, which
then exits; as a subreaper we inherit the command and collect its usage.
What is left of the effect is the shell's own size, below 2 MiB.
"""

import contextlib
import ctypes
import functools
import os
import select
import signal
import statistics
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NamedTuple

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
DETAIL_MAX = 200

# The command waits at the gate (descriptor 3) until the clock runs. When we
# die first, the gate closes, `read` fails and the command never starts.
LAUNCH = """
exec 3<&0
{ read -r _ <&3 && exec "$@" 3<&-; } </dev/null >stdout 2>stderr &
echo $!
"""


class Usage(NamedTuple):
    """What one run took: seconds, seconds, KiB at the peak."""

    wall: float
    cpu: float
    memory: float


class Outcome(NamedTuple):
    """How one run ended: status `ok`, `failed` or `timeout`, and why."""

    status: str
    detail: str
    usage: Usage
    stdout: str


def run_measured(argv: Sequence[str], folder: Path,
                 timeout: float | None) -> Outcome:
    """Run argv in folder, which receives its `stdout` and `stderr`.

    Whatever argv leaves running is killed with it, also when we are
    interrupted, so that nothing disturbs the next measurement.
    """
    adopt_orphans()
    with subprocess.Popen(["/bin/sh", "-c", LAUNCH, "sh", *argv],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          cwd=folder, start_new_session=True) as shell:
        assert shell.stdin and shell.stdout
        line = shell.stdout.readline()
        shell.wait()
        if not line:
            raise OSError("the shell could not start a process")
        pid = int(line)
        ended, status, usage = supervise(pid, shell.pid, shell.stdin, timeout)
    stdout = (folder / "stdout").read_text(errors="replace")
    if not ended:
        return Outcome("timeout", f"stopped after {timeout:g} s", usage, stdout)
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        return Outcome("failed", explain(code, folder / "stderr"), usage,
                       stdout)
    return Outcome("ok", "", usage, stdout)


def supervise(pid: int, group: int, gate: IO[bytes],
              timeout: float | None) -> tuple[bool, int, Usage]:
    """Open the gate, wait for pid, collect it; kill what is left of group."""
    ended: list[int] = []
    watch = os.pidfd_open(pid)
    start = time.monotonic()
    try:
        gate.write(b"\n")
        gate.flush()
        ended = select.select([watch], [], [], timeout)[0]
        wall = time.monotonic() - start
    finally:
        os.close(watch)
        # pid is not collected yet, so neither number can be another's.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        _, status, used = os.wait4(pid, 0)
    cpu = used.ru_utime + used.ru_stime
    return bool(ended), status, Usage(wall, cpu, used.ru_maxrss)


def median(usages: Sequence[Usage]) -> Usage | None:
    """The median of each figure by itself; None when nothing was measured."""
    if not usages:
        return None
    return Usage(*(statistics.median(column) for column in zip(*usages)))


@functools.cache
def adopt_orphans() -> None:
    """Make us the parent of processes whose own parent has gone."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot become a subreaper")


def explain(code: int, stderr: Path) -> str:
    """Say how a command failed: its status and its last line of stderr."""
    how = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
    lines = stderr.read_text(errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return f"{how}: {said[-1][:DETAIL_MAX]}" if said else how
