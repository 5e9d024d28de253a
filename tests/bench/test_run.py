#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of bench/: its arithmetic, and its conduct with tools that fail.

The tools are a few lines of shell each: a "patch" is the new image itself,
so that sizes are known, and some break on purpose.
"""

import hashlib
import json
import lzma
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from xml.etree import ElementTree

sys.dont_write_bytecode = True
BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import images  # noqa: E402
import measure  # noqa: E402
import peers  # noqa: E402
import plot  # noqa: E402
import ratios  # noqa: E402
import session  # noqa: E402
import standing  # noqa: E402
import tables  # noqa: E402
from tools import COPIES, TOOLS, Tool, fill, locate, xdelta_window  # noqa: E402

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


PEERS = """pair\ttool\tpatch\twall\tok
a\tbsdiff\t100\t0.1\tok
a\thdiffz-SD\t80\t0.1\tok
a\thdiffz-best\t70\t0.1\tok
a\tzucchini\t60\t0.1\tok
a\tbroken\t5\t0.1\twrong
a\tsum\t90\t-\tsize-only:xz(1,2)

b\tbsdiff\t-\t-\tfailed
"""


class PeersFile(unittest.TestCase):
    """Sizes from elsewhere."""

    def test_sizes_are_read_and_failures_left_out(self) -> None:
        self.assertEqual(peers.parse_peers(PEERS), {
            "a": {"bsdiff": 100, "hdiffz-SD": 80, "hdiffz-best": 70,
                  "zucchini": 60, "sum": 90}})

    def test_three_columns_without_a_header_are_enough(self) -> None:
        text = "# mine\na\tx\t7\na\tx\t5\na\tx\t6\n"
        self.assertEqual(peers.parse_peers(text), {"a": {"x": 5}})
        self.assertEqual(peers.parse_peers(""), {})

    def test_what_is_no_peers_file_is_refused(self) -> None:
        for text, want in (("a\tx\n", "line 1: fewer"),
                           ("a\tx\t5\na\ty\t5.5\n", "line 2: '5.5'")):
            with self.assertRaisesRegex(peers.PeersError, want):
                peers.parse_peers(text)

    def test_the_smallest_is_found_by_prefix(self) -> None:
        sizes = {"b": 2, "a": 2, "hdiffz-x": 3, "hdiffz-y": 4}
        self.assertEqual(peers.smallest(sizes), "a")
        self.assertEqual(peers.smallest(sizes, "hdiffz"), "hdiffz-x")
        self.assertIsNone(peers.smallest(sizes, "z"))
        self.assertIsNone(peers.smallest({}))

    def test_the_file_is_found_in_the_folder_or_beside_it(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            pairs = Path(name, "pairs")
            pairs.mkdir()
            self.assertIsNone(peers.find_peers(pairs))
            Path(name, "peers.tsv").write_text(PEERS)
            self.assertEqual(peers.find_peers(pairs), Path(name, "peers.tsv"))
            (pairs / "peers.tsv").write_text(PEERS)
            self.assertEqual(peers.find_peers(pairs), pairs / "peers.tsv")


class Standing(unittest.TestCase):
    """mkdelta to its peers."""

    @staticmethod
    def stand(name: str = "a", text: str = PEERS, budgets: dict | None = None,
              **tools: dict) -> dict:
        """A pair's record with its standing."""
        pair = {**pair_record(name, **tools), "budgets": budgets or {},
                "rewrite": {"wall": 0.25, "cpu": 0.2, "memory": 1}}
        pair["new"]["size"] = 4_000_000
        standing.add_standing(pair, peers.parse_peers(text))
        return pair

    def test_sizes_are_compared_with_all_peers(self) -> None:
        got = self.stand(mkdelta=record(30))["standing"]
        self.assertEqual((got["size"], got["overhead"], got["best"]),
                         (30, 10, "zucchini"))
        self.assertAlmostEqual(got["ratios"]["to_bsdiff"], 0.3)
        self.assertAlmostEqual(got["ratios"]["to_hdiffz"], 30 / 70)
        self.assertAlmostEqual(got["ratios"]["to_best"], 0.5)

    def test_what_was_measured_now_counts_first(self) -> None:
        got = self.stand(mkdelta=record(30), zstd=record(40),
                         bsdiff=record(120), xdelta3=record(1, "wrong"))
        self.assertEqual(got["standing"]["best"], "zstd")
        self.assertAlmostEqual(got["standing"]["ratios"]["to_bsdiff"], 0.25)

    def test_without_peers_nothing_is_compared(self) -> None:
        got = self.stand(text="", mkdelta=record(30))["standing"]
        self.assertIsNone(got["best"])
        self.assertIsNone(got["ratios"]["to_best"])
        self.assertIsNone(got["ratios"]["to_hdiffz"])

    def test_without_us_there_is_no_standing(self) -> None:
        for tools in ({}, {"mkdelta": record(30, "failed")}):
            pair = self.stand(**tools)
            self.assertIsNone(pair["standing"])
            self.assertEqual(standing.behind([pair]), [])
            means = standing.standing_means([pair], standing.GROUPS[0])
            self.assertEqual(means["pairs"], 0)

    def test_budgets_are_compared_with_the_default_and_bsdiff(self) -> None:
        got = self.stand(mkdelta=record(40), budgets={
            "96K": record(50), "16K": record(0, "failed")})["standing"]
        self.assertAlmostEqual(got["ratios"]["96K_to_default"], 1.25)
        self.assertAlmostEqual(got["ratios"]["96K_to_bsdiff"], 0.5)
        self.assertIsNone(got["ratios"]["16K_to_default"])

    def test_speed_is_compared_with_bspatch_and_copies(self) -> None:
        slow = {"wall": 4.0, "cpu": 1.0, "memory": 2048}
        got = self.stand(mkdelta=record(30, apply=slow),
                         bsdiff=record(100))["standing"]["ratios"]
        want = {"apply_to_bspatch": 2, "apply_to_cp": 8, "apply_to_dd": 16,
                "apply_rate": 1, "make_to_bsdiff": 1, "apply_memory": 2}
        for figure, value in want.items():
            self.assertAlmostEqual(got[figure], value, msg=figure)

    def test_the_groups_of_arm_images(self) -> None:
        names = ("mcu-a-next", "mcu-a-far", "modem-x", "boot-y-far",
                 "det-s-next", "det-libpython-next", "det-esp8266-far",
                 "elf-z-next")
        groups = {g.name: [n for n in names if ratios.selects(g.patterns, n)]
                  for g in standing.default_groups(names)}
        self.assertEqual(groups["all"], list(names))
        self.assertEqual(groups["raw-arm"], list(names[:5]))
        self.assertEqual(groups["raw-arm-next"],
                         ["mcu-a-next", "modem-x", "det-s-next"])
        found = standing.default_groups(["elf-z"])
        self.assertEqual([g.name for g in found], ["all"])

    def test_means_are_geometric_and_counted(self) -> None:
        pairs = [self.stand(mkdelta=record(30)),
                 self.stand(mkdelta=record(120)),
                 self.stand(name="b", mkdelta=record(5))]
        means = standing.standing_means(pairs, standing.GROUPS[0])
        self.assertEqual(means["pairs"], 3)
        self.assertEqual(means["counts"]["to_best"], 2)
        self.assertAlmostEqual(means["ratios"]["to_best"], 1)
        self.assertAlmostEqual(means["ratios"]["to_bsdiff"], 0.6)

    def test_pairs_behind_the_best_are_named(self) -> None:
        pairs = [self.stand(name=name, mkdelta=record(size),
                            text=PEERS.replace("a\t", f"{name}\t"))
                 for name, size in (("even", 60), ("worse", 66),
                                    ("worst", 90))]
        self.assertEqual([(pair, peer) for pair, peer, _
                          in standing.behind(pairs)],
                         [("worst", "zucchini"), ("worse", "zucchini")])
        self.assertIn("worst: 1.500 of zucchini", tables.behind_text(pairs))
        self.assertIn("No pair", tables.behind_text(pairs[:1]))

    def test_a_peers_file_of_other_images_is_noticed(self) -> None:
        listed = peers.parse_peers(PEERS)
        for size, want in ((100, False), (101, True)):
            pair = pair_record("a", bsdiff=record(size))
            self.assertEqual(standing.other_bsdiff(pair, listed), want)


class Images(unittest.TestCase):
    """The images of bench/growth."""

    def test_images_are_the_same_everywhere(self) -> None:
        small, large = images.image(50_000), images.image(100_001)
        self.assertEqual((len(small), len(large)), (50_000, 100_001))
        self.assertEqual(small, large[:50_000])
        new = images.changed(large, 0.05)
        self.assertEqual([hashlib.sha256(made).hexdigest()[:16]
                          for made in (large, new)],
                         ["6be7ddf129f8f091", "5199fa5479c50e18"])

    def test_images_are_not_repetitions(self) -> None:
        made = images.image(1 << 20)
        self.assertGreater(len(lzma.compress(made)), len(made) // 3)

    def test_a_change_is_as_large_as_asked(self) -> None:
        length, chance = 16 << 20, random.Random(5)
        for share in (0, 0.001, 0.01, 0.1, 0.5):
            places = images.places(length, share, chance)
            total = sum(size for _, size in places)
            self.assertAlmostEqual(total / length, share, delta=share / 4)
            end = 0
            for at, size in places:
                self.assertGreaterEqual(at, end)
                self.assertEqual((at % 2, size % 2), (0, 0))
                end = at + size
            self.assertLessEqual(end, length)
        self.assertEqual(images.changed(b"x" * 99, 0), b"x" * 99)


class Plot(unittest.TestCase):
    """The SVG writer."""

    def test_a_plot_is_well_formed(self) -> None:
        panels = [plot.Panel("a < b", "MB", {"one": [(1, 2), (32, 9)],
                                             "two": [(1, 1)]}),
                  plot.Panel("none", "%", {"one": []}),
                  plot.Panel("flat", "%", {"two": [(3, 3)]})]
        root = ElementTree.fromstring(plot.svg(panels))
        kinds = [node.tag.rpartition("}")[2] for node in root.iter()]
        self.assertEqual(kinds.count("polyline"), 3)
        self.assertEqual(kinds.count("circle"), 4)
        self.assertEqual(root.get("width"), str(2 * plot.WIDTH))

    def test_an_axis_is_logarithmic(self) -> None:
        axis = plot.Axis.of([1, 100], 0, 10)
        self.assertAlmostEqual(axis.at(10), 5)
        self.assertEqual(axis.ticks(), [1, 2, 5, 10, 20, 50, 100])


class Commands(unittest.TestCase):
    """The table of tools."""

    def test_every_command_can_be_filled(self) -> None:
        given = {name: name for name in ("old", "new", "patch", "out",
                                         "window", "secondary")}
        for tool in (*TOOLS, *COPIES):
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
        results, copies = session.measure_pair(self.pair, tools, settings,
                                               lambda step: None)
        self.assertEqual(list(copies), ["copy", "rewrite"])
        for copy in copies.values():
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
# mkdelta -q --json [-j N] [--ram SIZE] [--fat] [--racy] [--bad] OLD NEW -o OUT
fat= jobs= ram=
while [ $# -gt 4 ]; do
    case $1 in
    -j) jobs=$2; shift ;;
    --ram) ram=$2; shift ;;
    --fat) fat=fat ;;
    --racy) racy=1 ;;
    --bad) echo 'mkdelta: bad (X-1)' >&2; exit 1 ;;
    esac
    shift
done
new=$2 out=$4.zip
{ printf head; cat "$new"; printf "%s" "$fat${racy:+$jobs}"; } >"$out"
size=$(($(stat -c %s "$new") - 2))
[ "$ram" != 16K ] || size=$((size + 4))
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

    def test_reports_peers_and_budgets(self) -> None:
        (self.folder / "peers.tsv").write_text(
            "a-next\thdiffz\t5\nb-far\thdiffz\t16\nb-far\tbsdiff\t11\n")
        result = self.run_bench("--json", f"{self.folder}/out.json")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("More than 1.01 of the best peer:\n"
                      "  a-next: 1.600 of hdiffz\n", result.stdout)
        self.assertIn("b-far: the peers file has another size",
                      result.stderr)
        said = json.loads((self.folder / "out.json").read_text())
        means = said["groups"]["all"]["standing"]["ratios"]
        self.assertAlmostEqual(means["to_hdiffz"], (1.6 * 0.5) ** 0.5)
        self.assertAlmostEqual(means["to_best"], (1.6 * 0.8) ** 0.5)
        self.assertAlmostEqual(means["96K_to_default"], 1)
        self.assertAlmostEqual(means["16K_to_default"], 1.5)
        self.assertAlmostEqual(means["16K_to_bsdiff"], 1.2)
        self.assertEqual(said["pairs"][0]["budgets"]["16K"]["exact"], True)
        for figure in ("make_to_bsdiff", "apply_to_bspatch", "apply_to_cp",
                       "apply_to_dd", "apply_rate", "make_memory"):
            self.assertGreater(means[figure], 0, figure)

    def test_budgets_can_be_left_out(self) -> None:
        for args in (("--budgets", ""), ("--extra=--ram 96K",)):
            result = self.run_bench(*args, "--no-apply")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertNotIn("/ default", result.stdout)

    def test_growth_prints_and_draws(self) -> None:
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        drawn = self.folder / "growth.svg"
        result = subprocess.run(
            [sys.executable, BENCH / "growth", "--programs",
             self.folder / "bin", "--max", "0.01", "--change-size", "0.01",
             "--svg", drawn], env={**os.environ, "PATH": path},
            capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        rows = [line.split() for line in result.stdout.splitlines()]
        sizes = [row[-3:] for row in rows
                 if row[:1] == ["0.01"] and "MB:" not in row]
        self.assertEqual(sizes, [["10484", "10486", "1.000"]] * 9)
        ElementTree.parse(drawn)

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
        junk = self.folder / "corpus/junk/old"
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
                (("--peers", "/none"), "corpus", "/none"),
                (("--peers", str(junk)), "corpus", "fewer than 3 columns"),
                (("--fail-on-larger",), "corpus", "--baseline")):
            result = self.run_bench(*args, folder=folder)
            self.assertEqual(result.returncode, 2, args)
            self.assertIn(want, result.stderr)
            self.assertEqual(result.stdout, "")


class RealProgram(InFolder):
    """bench/run with the real mkdelta, if one is in PATH."""

    @unittest.skipUnless(shutil.which("mkdelta"), "mkdelta is not in PATH")
    def test_a_bundled_pair_end_to_end(self) -> None:
        programs = Path(shutil.which("mkdelta") or "").parent
        pair = "tfa-sun50i-arm64"
        (self.folder / "peers.tsv").write_text(
            f"{pair}\tbsdiff\t9953\tok\n")
        result = subprocess.run(
            [sys.executable, BENCH / "run",
             BENCH.parent / "testdata" / "pairs", "--programs", programs,
             "--tools", "mkdelta", "--runs", "1", "--pairs", pair,
             "--peers", self.folder / "peers.tsv",
             "--json", self.folder / "out.json"],
            capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("Problems", result.stdout)
        said = json.loads((self.folder / "out.json").read_text())["pairs"][0]
        ratios_of = said["standing"]["ratios"]
        self.assertLess(ratios_of["to_bsdiff"], 1)
        self.assertGreaterEqual(ratios_of["16K_to_default"], 1)
        self.assertIs(said["tools"]["mkdelta"]["exact"], True)
        self.assertIs(said["budgets"]["16K"]["exact"], True)


if __name__ == "__main__":
    unittest.main()
