"""Findings as CSV tables for spreadsheets."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from concerted.exports import _tables
from concerted.findings import Findings

# what spreadsheets take for the start of a formula, with full-width forms and invisible space before it
FORMULA = re.compile("[\\s\ufeff\u200b-\u200f\u2060]*[=+\\-@\t\r\n＝＋－＠|%]")
# the same behind what other settings of a spreadsheet take for the end of a cell; ";-)" is no formula
INSIDE = re.compile("([;\t\r\n][\\s\"'\ufeff\u200b-\u200f\u2060]*)(?=[=@＝＠]|[+\\-＋－][\\w(])")
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


class Csv:
    """A table per file: accounts, groups, sets, ties, evidence, what is said for and against, notes with
    their numbers, leads, timelines, verdicts, inputs with their hashes, the ledger, and how it was made.

    `answer` says what a row belongs to: only `found` is found. A tie or an act outside groups has the answer
    of the account that it is shown for. `further_in_case` counts acts of a pair that are not listed.

    `found.csv` holds the accounts; beside it lie `found.ties.csv`, `found.evidence.csv` and so on. UTF-8
    with a byte order mark, so that spreadsheets show every script. What a spreadsheet would run as a formula
    gets an apostrophe, at the start of a cell and behind a semicolon, tab or line break inside it; the JSON
    and Parquet exports have texts as they were posted.
    """

    name = "csv"
    suffixes = (".csv",)

    def write(self, findings: Findings, path: Path) -> list[Path]:
        """The files, of which `path` is the first."""
        written: list[Path] = []
        for table, columns, rows in _tables.rows(findings):
            target = path if not written else path.with_name(f"{path.stem}.{table}{path.suffix}")
            with target.open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(columns)
                for row in rows:
                    writer.writerow([safe(cell(row.get(column))) for column in columns])
            written.append(target)
        return written


def cell(value: Any) -> Any:
    """A value as a spreadsheet shows it: times in UTC without their zone, lists with spaces between."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f").rstrip("0").rstrip(".")
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else value


def safe(value: Any) -> Any:
    """A cell that no spreadsheet runs as a formula, whatever it takes for the end of a cell."""
    if not isinstance(value, str) or NUMBER.fullmatch(value):
        return value
    return ("'" if FORMULA.match(value) else "") + INSIDE.sub(r"\1'", value)
