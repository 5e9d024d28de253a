#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tables of docs/REHEARSAL.md: each code that a download can end with is
there with its test, or with the reason why it has none."""
import pathlib
import re
import unittest

HERE = pathlib.Path(__file__).resolve().parent
DOCS = HERE.parents[1] / "docs"


def numbers(text):
    """All codes of downloads in a text, with those in "614 to 629"."""
    found = set()
    for first, last in re.findall(r"\b([67]\d\d)\b(?: to ([67]\d\d))?", text):
        found |= set(range(int(first), int(last or first) + 1))
    return found


class Guide(unittest.TestCase):
    """Tables and lists of the guide's chapter."""

    def setUp(self):
        guide = (DOCS / "REHEARSAL.md").read_text(encoding="utf-8")
        chapter = guide.partition("## Where a failed download")[2]
        chapter = chapter.partition("\n## ")[0]
        self.tables, _, self.rest = chapter.partition("The others are not")
        self.rows = [row.split("|")[1:-1] for row in self.tables.splitlines()
                     if re.match(r"\| [67]", row)]

    def test_each_code_of_the_documents_is_there(self):
        codes = {int(code) for code in
                 re.findall(r"^\| ([67]\d\d) ", (DOCS / "CODES.md").read_text(
                     encoding="utf-8"), re.M)}
        reached = set().union(*(numbers(row[0]) for row in self.rows))
        self.assertEqual(reached | numbers(self.rest), codes)
        self.assertGreater(len(reached), 30)

    def test_each_test_of_the_tables_is_one(self):
        for _, _, tests in self.rows:
            file = f"test_{self.kind(tests).lower()}.py"
            for name, other in re.findall(r"`(\w+)`(?: in `(\w+\.py)`)?", tests):
                source = (HERE / (other or file)).read_text(encoding="utf-8")
                self.assertIn(f"    def test_{name}(self)", source)

    def kind(self, tests):
        """HTTP_err or FTP_err: the head of the table that a row is in."""
        before = self.tables[:self.tables.index(tests)]
        return re.findall(r"\| (HTTP|FTP)_err", before)[-1]


if __name__ == "__main__":
    unittest.main()
