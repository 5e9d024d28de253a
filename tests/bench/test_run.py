#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of bench/: its arithmetic, and its conduct with tools that fail.

The tools are a few lines of shell each: a "patch" is the new image itself,
so that sizes are known, and some break on purpose.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import measure  # noqa: E402
import ratios  # noqa: E402
import session  # noqa: E402
from tools import COPY, TOOLS, Tool, fill, locate, xdelta_window  # noqa: E402

USAGE = {"wall": 2.0, "cpu": 1.0, "memory": 10}


def shell(name: str, make: str, apply: str) -> Tool:
    """A tool of two lines of shell: $1 old, $2 new, $3 patch, $4 out."""
    words = ("{old}", "{new}", "{patch}", "{out}")
    return Tool(name, make=("/bin/sh", "-c", make, "sh", *words),
                apply=("/bin/sh", "-c", apply, "sh", *words))


GOOD = shell("good", 'cp "$2" "$3"', 'cp "$3" "$4"')


def record(size: int, status: str = "ok", **more: object) -> dict:
    """A tool's record of one pair, as in a report."""
    return {"status": status, "detail": "", "size": size, "package": size + 10,
            "exact": True, "make": USAGE, "apply": USAGE, **more}


def pair_record(name: str, **tools: dict) -> dict:
    """A pair's record with its ratios."""
    pair = {"name": name, "old": {"sha256": "1"}, "new": {"sha256": "2"},
            "copy": {"wall": 0.5, "cpu": 0.5, "memory": 1}, "tools": tools}
    ratios.add_ratios(pair)
    return pair


def report(*pairs: dict) -> dict:
    """A report of these pairs."""
    return {"pairs": list(pairs)}


class Arithmetic(unittest.TestCase):
    """Ratios, means, groups, baseline."""

    def test_half_and_double_cancel_out(self) -> None:
        self.assertAlmostEqual(ratios.geometric_mean([0.5, 2]), 1)
        self.assertAlmostEqual(ratios.geometric_mean([1, 10, 100]), 10)

    def test_unknown_figures_are_left_out_of_a_mean(self) -> None:
        self.assertAlmostEqual(ratios.geometric_mean([None, 4, 9]), 6)
        self.assertIsNone(ratios.geometric_mean([None]))
        self.assertIsNone(ratios.geometric_mean([]))

    def test_globs_choose_and_exclude(self) -> None:
        self.assertTrue(ratios.selects(["mcu-*", "x"], "mcu-a"))
        self.assertFalse(ratios.selects(["mcu-*", "!*-far"], "mcu-far"))
        self.assertTrue(ratios.selects(["!*-far"], "elf-next"))
        self.assertFalse(ratios.selects(["!*-far"], "elf-far"))
        self.assertTrue(ratios.selects([], "anything"))
        self.assertFalse(ratios.selects(["mcu"], "mcu-a"))

    def test_ratios_are_to_bsdiff_and_to_the_copy(self) -> None:
        pair = pair_record("a", bsdiff=record(100), zstd=record(50))
        found = pair["tools"]["zstd"]["ratios"]
        self.assertEqual(found["size"], 0.5)
        self.assertAlmostEqual(found["package"], 60 / 110)
        self.assertEqual(found["make_time"], 1)
        self.assertEqual(found["copy_time"], 4)

    def test_a_failure_has_no_ratios(self) -> None:
        for status in ("failed", "timeout", "wrong"):
            pair = pair_record("a", bsdiff=record(100),
                               zstd=record(5, status))
            found = pair["tools"]["zstd"]["ratios"]
            self.assertEqual(set(found.values()), {None}, status)

    def test_without_bsdiff_only_the_copy_compares(self) -> None:
        for tools in ({"zstd": record(5)},
                      {"bsdiff": record(9, "failed"), "zstd": record(5)}):
            found = pair_record("a", **tools)["tools"]["zstd"]["ratios"]
            self.assertEqual(found.pop("copy_time"), 4)
            self.assertEqual(set(found.values()), {None})

    def test_what_was_not_applied_has_no_ratio(self) -> None:
        pair = pair_record("a", bsdiff=record(100, apply=None))
        pair["copy"] = None
        ratios.add_ratios(pair)
        found = pair["tools"]["bsdiff"]["ratios"]
        self.assertEqual(found["size"], 1)
        self.assertIsNone(found["apply_time"])
        self.assertIsNone(found["copy_time"])

    def test_a_group_averages_its_own_pairs(self) -> None:
        pairs = [pair_record("a-next", bsdiff=record(100), zstd=record(25)),
                 pair_record("b-next", bsdiff=record(100), zstd=record(100)),
                 pair_record("c-next", bsdiff=record(100),
                             zstd=record(1, "wrong")),
                 pair_record("d-far", bsdiff=record(1), zstd=record(100))]
        near = ratios.group_means(pairs, ratios.Group("near", ["!*-far"]))
        self.assertEqual(near["pairs"], ["a-next", "b-next", "c-next"])
        self.assertAlmostEqual(near["tools"]["zstd"]["size"], 0.5)
        self.assertEqual(near["tools"]["zstd"]["pairs"], 2)
        self.assertEqual(near["tools"]["bsdiff"]["pairs"], 3)
        none = ratios.group_means(pairs, ratios.Group("none", ["x"]))
        self.assertEqual(none, {"pairs": [], "tools": {}})

    def test_the_baseline_finds_what_grew(self) -> None:
        before = report(pair_record("a", mkdelta=record(100)),
                        pair_record("b", mkdelta=record(100)),
                        pair_record("gone", mkdelta=record(100)))
        after = report(pair_record("a", mkdelta=record(101)),
                       pair_record("b", mkdelta=record(99)),
                       pair_record("fresh", mkdelta=record(999)))
        self.assertEqual(ratios.grown(before, after),
                         [("a", "size", 100, 101), ("a", "package", 110, 111)])
        self.assertAlmostEqual(ratios.compared(before, after)["size"],
                               (1.01 * 0.99) ** 0.5)

    def test_a_pair_that_fails_now_has_grown(self) -> None:
        before = report(pair_record("a", mkdelta=record(100)))
        after = report(pair_record("a", mkdelta=record(0, "wrong")))
        self.assertEqual(ratios.grown(before, after),
                         [("a", "size", 100, None)])
        self.assertEqual(ratios.grown(after, before), [])

    def test_other_images_of_one_name_are_not_compared(self) -> None:
        before = report(pair_record("a", mkdelta=record(100)))
        after = report(pair_record("a", mkdelta=record(200)))
        after["pairs"][0]["new"]["sha256"] = "3"
        self.assertEqual(ratios.grown(before, after), [])

    def test_medians_are_taken_figure_by_figure(self) -> None:
        usages = [measure.Usage(1, 9, 5), measure.Usage(2, 8, 7),
                  measure.Usage(9, 1, 6)]
        self.assertEqual(measure.median(usages), (2, 8, 6))
        self.assertIsNone(measure.median([]))


class Commands(unittest.TestCase):
    """The table of tools."""

    def test_every_command_can_be_filled(self) -> None:
        given = {name: name for name in ("old", "new", "patch", "out",
                                         "window", "secondary")}
        for tool in (*TOOLS, COPY):
            for words in (tool.make, tool.apply):
                filled = fill(words, {**given, "extra": ["-j", "2"]})
                self.assertNotIn("{", "".join(filled), tool.name)

    def test_extra_becomes_any_number_of_words(self) -> None:
        self.assertEqual(fill(("a", "{extra}", "b"), {"extra": []}),
                         ["a", "b"])
        self.assertEqual(fill(("a", "{extra}"), {"extra": ["--ram", "1"]}),
                         ["a", "--ram", "1"])

    def test_a_tool_needs_both_programs(self) -> None:
        self.assertIsInstance(locate(GOOD, [None]), Tool)
        half = Tool("half", make=("sh",), apply=("no-such-program",))
        self.assertEqual(locate(half, [None]), "no-such-program")

    def test_the_window_holds_the_image(self) -> None:
        self.assertEqual(xdelta_window(0), str(64 << 20))
        self.assertEqual(xdelta_window(64 << 20), str(64 << 20))
        self.assertEqual(xdelta_window((64 << 20) + 1), str(128 << 20))


class InFolder(unittest.TestCase):
    """A test with a scratch folder."""

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)


class Measuring(InFolder):
    """One command."""

    def run_shell(self, script: str,
                  timeout: float = 10) -> measure.Outcome:
        """Measure a script."""
        return measure.run_measured(["/bin/sh", "-c", script], self.folder,
                                    timeout)

    def test_a_failure_says_why(self) -> None:
        outcome = self.run_shell("echo one >&2; echo two >&2; exit 3")
        self.assertEqual(outcome.status, "failed")
        self.assertEqual(outcome.detail, "exit status 3: two")
        outcome = self.run_shell("kill -SEGV $$")
        self.assertEqual(outcome.detail, "killed by signal 11")

    def test_a_timeout_ends_the_children_too(self) -> None:
        start = time.monotonic()
        outcome = self.run_shell("sleep 60 & echo $!; sleep 60", 0.1)
        self.assertLess(time.monotonic() - start, 5)
        self.assertEqual(outcome.status, "timeout")
        state = self.state_of(int(outcome.stdout))
        self.assertIn(state, (None, "Z"))

    @staticmethod
    def state_of(pid: int) -> str | None:
        """A process's state letter once it is no longer running."""
        for _ in range(100):
            try:
                stat = Path(f"/proc/{pid}/stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                return None
            state = stat.rpartition(")")[2].split()[0]
            if state == "Z":
                break
            time.sleep(0.01)
        return state

    def test_memory_is_the_command_s_own(self) -> None:
        ballast = bytearray(64 << 20)
        ballast[::4096] = b"x" * len(ballast[::4096])
        outcome = self.run_shell("exit 0")
        self.assertLess(outcome.usage.memory, 8 << 10)
        grab = "import sys; x = b'x' * (96 << 20)"
        outcome = measure.run_measured([sys.executable, "-c", grab],
                                       self.folder, 10)
        self.assertGreater(outcome.usage.memory, 96 << 10)

    def test_time_is_that_of_the_command(self) -> None:
        outcome = self.run_shell("sleep 0.2")
        self.assertGreaterEqual(outcome.usage.wall, 0.19)
        self.assertLess(outcome.usage.cpu, 0.15)


class OnePair(InFolder):
    """All tools on one pair."""

    def setUp(self) -> None:
        super().setUp()
        (self.folder / "old").write_bytes(b"old image")
        (self.folder / "new").write_bytes(b"new image!")
        self.pair = session.Pair("a", self.folder / "old",
                                 self.folder / "new")

    def measure(self, *tools: Tool, runs: int = 1, apply: bool = True,
                timeout: float = 10) -> dict[str, session.Result]:
        """The results of some tools."""
        (self.folder / "scratch").mkdir()
        settings = session.Settings(runs, timeout, (), None, apply,
                                    self.folder / "scratch")
        results, copy = session.measure_pair(self.pair, tools, settings,
                                             lambda step: None)
        self.assertEqual(copy is not None, apply)
        return results

    def test_a_round_trip_is_found_exact(self) -> None:
        good = self.measure(GOOD, runs=3)["good"]
        self.assertEqual((good.status, good.exact), ("ok", True))
        self.assertEqual((good.size, good.package), (10, 10))
        self.assertEqual((len(good.makes), len(good.applies)), (3, 3))

    def test_a_wrong_round_trip_is_found(self) -> None:
        wrong = {
            "last byte": 'printf "new image?" >"$4"',
            "short": 'printf "new" >"$4"',
            "long": 'printf "new image!!" >"$4"',
            "empty": ': >"$4"',
            "missing": ":",
        }
        tools = [shell(name, GOOD.make[2], apply)
                 for name, apply in wrong.items()]
        for name, result in self.measure(*tools, GOOD).items():
            want = ("ok", True) if name == "good" else ("wrong", False)
            self.assertEqual((result.status, result.exact), want, name)

    def test_only_the_last_round_being_wrong_is_found(self) -> None:
        flaky = shell("flaky", GOOD.make[2],
                      'if [ -e seen ]; then echo >"$4"; else '
                      ': >seen; cp "$3" "$4"; fi')
        stale = shell("stale", GOOD.make[2],
                      'if [ ! -e seen ]; then : >seen; cp "$3" "$4"; fi')
        results = self.measure(flaky, stale, runs=2)
        self.assertEqual(results["flaky"].status, "wrong")
        self.assertEqual(results["stale"].status, "wrong")

    def test_failures_stay_with_their_tool(self) -> None:
        tools = (shell("broken", "echo no >&2; exit 4", ":"),
                 shell("silent", ":", ":"),
                 shell("unapplied", GOOD.make[2], "exit 5"),
                 shell("slow", "sleep 60", ":"), GOOD)
        results = self.measure(*tools, timeout=0.5, runs=2)
        said = {name: (r.status, r.detail) for name, r in results.items()}
        self.assertEqual(said, {
            "broken": ("failed", "making: exit status 4: no"),
            "silent": ("failed", "wrote no patch"),
            "unapplied": ("failed", "applying: exit status 5"),
            "slow": ("timeout", "making: stopped after 0.5 s"),
            "good": ("ok", "")})

    def test_without_applying_the_round_trip_is_untried(self) -> None:
        good = self.measure(GOOD, apply=False)["good"]
        self.assertEqual((good.status, good.exact), ("ok", None))
        self.assertEqual(good.record()["apply"], None)


MKDELTA = r"""#!/bin/sh
# mkdelta -q --json [-j N] [--fat] [--racy] [--bad] OLD NEW -o OUT
fat= jobs=
while [ $# -gt 4 ]; do
    case $1 in
    -j) jobs=$2; shift ;;
    --fat) fat=fat ;;
    --racy) racy=1 ;;
    --bad) echo 'mkdelta: bad (X-1)' >&2; exit 1 ;;
    esac
    shift
done
new=$2 out=$4.zip
{ printf head; cat "$new"; printf "%s" "$fat${racy:+$jobs}"; } >"$out"
size=$(($(stat -c %s "$new") - 2))
cat <<END
{"files": [{"path": "$out"}],
 "deltas": [{"partition": "image", "size": $size, "codec": "none", "ram": 9}]}
END
"""
APPLY = '#!/bin/sh\ntail -c +5 "$2" >"$5"\n'
BSDIFF = '#!/bin/sh\ncp "$2" "$3"\n'
BSPATCH = '#!/bin/sh\ncp "$3" "$2"\n'


class WholeProgram(InFolder):
    """bench/run as users call it."""

    def setUp(self) -> None:
        super().setUp()
        for name in ("bin", "corpus/a-next", "corpus/b-far", "corpus/junk",
                     "empty", "tmp"):
            (self.folder / name).mkdir(parents=True)
        for name, text in (("mkdelta", MKDELTA), ("dfota-apply", APPLY),
                           ("bsdiff", BSDIFF), ("bspatch", BSPATCH)):
            program = self.folder / "bin" / name
            program.write_text(text)
            program.chmod(0o755)
        for name in ("a-next/old", "a-next/new", "b-far/old", "b-far/new",
                     "junk/old"):
            (self.folder / "corpus" / name).write_bytes(b"0123456789")

    def run_bench(self, *args: str, folder: str = "corpus"
                  ) -> subprocess.CompletedProcess:
        """Run the program on the fake tools alone."""
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        return subprocess.run(
            [sys.executable, BENCH / "run", self.folder / folder,
             "--programs", self.folder / "bin", "--tools", "mkdelta,bsdiff",
             "--runs", "1", *args],
            env={**os.environ, "PATH": path,
                 "TMPDIR": str(self.folder / "tmp")},
            capture_output=True, text=True, check=False)

    def test_reports_sizes_groups_and_nothing_is_left(self) -> None:
        result = self.run_bench("--json", f"{self.folder}/out.json",
                                "--group", "near=*-next")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("exact", result.stdout)
        self.assertNotIn("Problems", result.stdout)
        said = json.loads((self.folder / "out.json").read_text())
        self.assertEqual([p["name"] for p in said["pairs"]],
                         ["a-next", "b-far"])
        ours = said["pairs"][0]["tools"]["mkdelta"]
        self.assertEqual((ours["size"], ours["package"], ours["ram"]),
                         (8, 14, 9))
        means = said["groups"]["near"]["tools"]["mkdelta"]
        self.assertAlmostEqual(means["size"], 0.8)
        self.assertAlmostEqual(means["package"], 1.4)
        self.assertEqual(list((self.folder / "tmp").iterdir()), [])

    def test_a_refusal_is_reported_and_not_fatal(self) -> None:
        result = self.run_bench("--extra=--bad", "--no-apply")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("a-next: mkdelta: failed: making: exit status 1: "
                      "mkdelta: bad (X-1)", result.stdout)
        self.assertIn("0 of 2", result.stdout)

    def test_growth_fails_only_when_asked(self) -> None:
        before = f"{self.folder}/before.json"
        self.assertEqual(self.run_bench("--json", before).returncode, 0)
        again = self.run_bench("--baseline", before, "--fail-on-larger")
        self.assertEqual(again.returncode, 0, again.stdout)
        worse = ("--baseline", before, "--extra=--fat", "--no-apply")
        result = self.run_bench(*worse)
        self.assertEqual(result.returncode, 0)
        self.assertIn("a-next: package 14 -> 17 (+21.43 %)", result.stdout)
        self.assertEqual(
            self.run_bench(*worse, "--fail-on-larger").returncode, 1)

    def test_determinism_is_checked(self) -> None:
        few = ("--no-apply", "--pairs", "a-*", "--check-determinism")
        self.assertEqual(self.run_bench(*few).returncode, 0)
        result = self.run_bench(*few, "--extra=--racy")
        self.assertEqual(result.returncode, 1)
        self.assertIn("other bytes: -j 1, -j 2", result.stdout)

    def test_wrong_usage_is_said(self) -> None:
        for args, folder, want in (
                ((), "missing", "no such folder"),
                ((), "empty", "no pairs"),
                (("--pairs", "x*"), "corpus", "none of 2 pairs"),
                (("--tools", "mkdleta"), "corpus", "no tool is called"),
                (("--group", "near"), "corpus", "--group"),
                (("--runs", "0"), "corpus", "--runs"),
                (("--baseline", "/none"), "corpus", "/none"),
                (("--programs", "/none"), "corpus", "/none has no mkdelta"),
                (("--json", "/none/x"), "corpus", "cannot be written"),
                (("--fail-on-larger",), "corpus", "--baseline")):
            result = self.run_bench(*args, folder=folder)
            self.assertEqual(result.returncode, 2, args)
            self.assertIn(want, result.stderr)
            self.assertEqual(result.stdout, "")


if __name__ == "__main__":
    unittest.main()
