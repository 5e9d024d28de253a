# SPDX-License-Identifier: MIT
"""The tools that are compared, as data, and where they are found."""

import dataclasses
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

OURS = "mkdelta"
REFERENCE = "bsdiff"

XDELTA_WINDOW_MIN = 64 << 20


@dataclass(frozen=True)
class Tool:
    """One way to make a patch and to apply it.

    A word may hold {old}, {new}, {patch}, {out} (paths), {window} (a power
    of two that holds the old image). {extra} stands alone and becomes any
    number of words.
    """

    name: str
    make: tuple[str, ...]
    apply: tuple[str, ...]
    reports: bool = False
    """It prints, as JSON, which files it wrote and what is in them."""


TOOLS = (
    Tool(OURS,
         make=("mkdelta", "-q", "--json", "{extra}", "{old}", "{new}",
               "-o", "{patch}"),
         apply=("dfota-apply", "-q", "{patch}", "{old}", "-o", "{out}"),
         reports=True),
    Tool(REFERENCE,
         make=("bsdiff", "{old}", "{new}", "{patch}"),
         apply=("bspatch", "{old}", "{out}", "{patch}")),
    # -A: no file names in the patch, or its size would depend on ours.
    Tool("xdelta3",
         make=("xdelta3", "-e", "-q", "-f", "-9", "-S", "{secondary}", "-A",
               "-B", "{window}", "-s", "{old}", "{new}", "{patch}"),
         apply=("xdelta3", "-d", "-q", "-f", "-B", "{window}",
                "-s", "{old}", "{patch}", "{out}")),
    Tool("zstd",
         make=("zstd", "-q", "-f", "--ultra", "-22", "--long=31",
               "--patch-from={old}", "{new}", "-o", "{patch}"),
         apply=("zstd", "-d", "-q", "-f", "--long=31", "--patch-from={old}",
                "{patch}", "-o", "{out}")),
    Tool("hdiffz",
         make=("hdiffz", "-f", "-m-6", "-SD", "-c-lzma2-9",
               "{old}", "{new}", "{patch}"),
         apply=("hpatchz", "-f", "{old}", "{patch}", "{out}")),
    Tool("detools",
         make=("detools", "create_patch", "--compression", "lzma",
               "{old}", "{new}", "{patch}"),
         apply=("detools", "apply_patch", "{old}", "{patch}", "{out}")),
)

# What application is compared with: the least anybody can do. cp may leave
# the copying to the kernel; dd reads and writes. Neither waits for the disk.
COPY = Tool("copy", make=(), apply=("cp", "{new}", "{out}"))
REWRITE = Tool("rewrite", make=(), apply=("dd", "if={new}", "of={out}",
                                          "bs=64K", "status=none"))
COPIES = (COPY, REWRITE)


def fill(words: Iterable[str],
         values: Mapping[str, str | Sequence[str]]) -> list[str]:
    """Put values into the words of a command."""
    command: list[str] = []
    for word in words:
        if word == "{extra}":
            command.extend(values["extra"])
        else:
            command.append(word.format_map(values))
    return command


def locate(tool: Tool, folders: Sequence[str | None]) -> Tool | str:
    """The tool with full paths, or the name of the program it lacks.

    The first folder that has the program counts; None stands for PATH.
    """
    located = {}
    for verb, words in (("make", tool.make), ("apply", tool.apply)):
        found = (shutil.which(words[0], path=folder) for folder in folders)
        path = next(filter(None, found), None)
        if path is None:
            return words[0]
        located[verb] = (path, *words[1:])
    return dataclasses.replace(tool, **located)


def xdelta_secondary(program: str) -> str:
    """The best secondary compression this xdelta3 was built with."""
    config = subprocess.run([program, "config"], capture_output=True,
                            text=True, stdin=subprocess.DEVNULL, check=False)
    has_lzma = "SECONDARY_LZMA=1" in config.stdout + config.stderr
    return "lzma" if has_lzma else "djw"


def with_secondary(tool: Tool) -> Tool:
    """Decide {secondary} once, when the tool is known to be there."""
    if "{secondary}" not in tool.make:
        return tool
    choice = xdelta_secondary(tool.make[0])
    words = tuple(choice if word == "{secondary}" else word
                  for word in tool.make)
    return dataclasses.replace(tool, make=words)


def xdelta_window(old_size: int) -> str:
    """How much of old xdelta3 sees at once, a power of two.

    Its default as long as that holds the image: a smaller window would save
    memory, but its patches are larger then, and size comes first.
    """
    return str(max(XDELTA_WINDOW_MIN, 1 << max(old_size - 1, 0).bit_length()))
