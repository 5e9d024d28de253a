#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Replays transcripts: replay.py FILE.t...

A transcript is text, then commands with what they must print:

    $ # a comment
    $ command for sh
    stdout and stderr, merged
    [1]

The exit status stands in brackets unless it is 0.  In an expected line "..."
stands for any text, and as a line of its own for any lines.  Each transcript
runs in a temporary folder of its own, under LC_ALL=C; the caller provides PATH
and TESTDATA.
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile


def read(path):
    """The transcript as [command, expected lines] pairs."""
    steps = []
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for line in file.read().splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            elif steps:
                steps[-1][1].append(line)
    return steps


def run(command, folder):
    """The lines that `command` prints, and its exit status."""
    done = subprocess.run(["sh", "-c", command], cwd=folder, timeout=300,
                          env={**os.environ, "LC_ALL": "C"},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode(errors="surrogateescape")
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    else:
        lines[-1] += "\\no newline"
    return lines + ([f"[{done.returncode}]"] if done.returncode else [])


def matches(expected, actual):
    """True when each actual line is what the expected ones allow."""
    pattern = "".join(
        "(.*\n)*" if line == "..." else
        re.escape(line).replace(re.escape("..."), ".*") + "\n"
        for line in expected)
    return re.fullmatch(pattern, "".join(line + "\n" for line in actual))


def replay(path):
    """The differences of one transcript, as lines of a diff."""
    wanted, got = [], []
    steps = read(path)
    if not steps:
        return [f"{path}: no command"]
    with tempfile.TemporaryDirectory() as folder:
        for command, expected in steps:
            actual = run(command, folder)
            if matches(expected, actual):
                actual = expected
            wanted += ["$ " + command] + expected
            got += ["$ " + command] + actual
    return list(difflib.unified_diff(wanted, got, path, "what happened",
                                     lineterm=""))


def main():
    sys.stdout.reconfigure(errors="backslashreplace")
    if len(sys.argv) < 2:
        sys.exit("usage: replay.py FILE.t...")
    differences = [line for path in sys.argv[1:] for line in replay(path)]
    print("\n".join(differences), end="\n" if differences else "")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
