#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs real image pairs through our programs and Debian's bsdiff and bspatch.

usage: pairs.py testdata|corpus

`testdata` are the pairs in $TESTDATA/pairs, `corpus` those in $DFOTA_CORPUS, a
folder of NAME/old and NAME/new; without it the test is skipped (status 77).
"""
import filecmp
import json
import os
import pathlib
import subprocess
import sys
import tempfile

# The delta of ours may be no larger than the patch of bsdiff.
SIZE_RATIO_MAX = 1.0
# Larger pairs take bsdiff minutes; ours are still applied and compared.
BSDIFF_IMAGE_MAX = 4 << 20


def run(*command, expect=0):
    """Runs a command, fails unless it exits with `expect`, gives its output."""
    done = subprocess.run([str(word) for word in command], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != expect:
        raise AssertionError(f"{' '.join(map(str, command))}: exit "
                             f"{done.returncode}, not {expect}: "
                             f"{done.stderr.decode(errors='replace')}")
    return done.stdout


def same(path, other):
    """Fails unless both files hold the same bytes."""
    if not filecmp.cmp(path, other, shallow=False):
        raise AssertionError(f"{path} differs from {other}")


def main_job(old, new, folder):
    """Makes, verifies and applies a package; gives the delta's size."""
    package = folder / "update.zip"
    made = json.loads(run("mkdelta", "--json", old, new, "-o", package))
    run("dfota-verify", "--image", old, "--target", new, package)
    run("dfota-apply", package, old, "-o", folder / "made")
    same(folder / "made", new)
    run("dfota-verify", "--image", new, package, expect=1)
    return made["deltas"][0]["size"]


def same_bytes_for_any_threads(old, new, folder):
    """Two runs, and runs with one and two threads, give the same bytes."""
    for name, options in (("a", []), ("b", []), ("1", ["-j1"]), ("2", ["-j2"])):
        run("mkdelta", "-q", *options, old, new, "-o", folder / f"{name}.zip")
        same(folder / "a.zip", folder / f"{name}.zip")


def bspatch_applies_ours(old, new, folder):
    """Debian's bspatch makes the new image from our BSDIFF40 patch."""
    run("mkdelta", "-q", "--type", "bsdiff", old, new, "-o", folder / "ours")
    run("bspatch", old, folder / "made", folder / "ours")
    same(folder / "made", new)
    run("dfota-apply", "-q", folder / "ours", old, "-o", folder / "again")
    same(folder / "again", new)


def we_apply_bsdiff(old, new, folder):
    """We make the new image from bsdiff's patch; gives the patch's size."""
    run("bsdiff", old, new, folder / "theirs")
    run("dfota-apply", "-q", folder / "theirs", old, "-o", folder / "made")
    same(folder / "made", new)
    return (folder / "theirs").stat().st_size


def check_pair(pair):
    """Everything that must hold for one pair, both ways round where quick."""
    old, new = pair / "old", pair / "new"
    small = max(old.stat().st_size, new.stat().st_size) <= BSDIFF_IMAGE_MAX
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        delta = main_job(old, new, folder)
        if not small:
            return f"{delta} bytes"
        main_job(new, old, folder)
        same_bytes_for_any_threads(old, new, folder)
        bspatch_applies_ours(old, new, folder)
        patch = we_apply_bsdiff(old, new, folder)
    if delta > patch * SIZE_RATIO_MAX:
        raise AssertionError(f"{delta} bytes, bsdiff {patch}")
    return f"{delta} bytes, {delta / patch:.3f} of bsdiff"


def main():
    """Checks every pair of the set and reports each."""
    if sys.argv[1:] == ["corpus"]:
        root = os.environ.get("DFOTA_CORPUS")
        if not root:
            print("skipped: DFOTA_CORPUS names no folder of image pairs")
            return 77
    else:
        root = os.path.join(os.environ["TESTDATA"], "pairs")
    pairs = sorted(path.parent for path in pathlib.Path(root).glob("*/old"))
    failed = 0
    for pair in pairs:
        try:
            print(f"ok   {pair.name}: {check_pair(pair)}", flush=True)
        except AssertionError as error:
            failed += 1
            print(f"FAIL {pair.name}: {error}", flush=True)
    if not pairs:
        print(f"FAIL no pairs in {root}")
    return 1 if failed or not pairs else 0


if __name__ == "__main__":
    sys.exit(main())
