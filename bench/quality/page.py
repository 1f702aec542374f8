"""Writes docs/calibration.md and its plots from what the full run measured."""

from __future__ import annotations

from typing import Any

import operations
from plots import chart
from tables import DOCS, PLOTS, families, plot, prose, table

from concerted.evaluating.figures import clopper_pearson
from concerted.evaluating.measuring import LEVELS

MADE = "<!-- made by bench/quality/run.py: measure again, do not edit -->"
P_LEVELS = (1e-2, 1e-3, 1e-4, 1e-5)


def write(full: dict[str, Any]) -> None:
    """Writes the page and the plots it shows."""
    PLOTS.mkdir(exist_ok=True)
    lines = [MADE, "", "# Calibration", *_opening()]
    for part in (
        _organic,
        _sets,
        _levels,
        _p_values,
        operations.known,
        operations.power,
        operations.peers,
        operations.days,
        operations.ablation,
        operations.reference,
        _cases,
    ):
        lines += ["", *part(full)]
    (DOCS / "calibration.md").write_text("\n".join(lines).rstrip() + "\n", "utf-8", newline="\n")


def _opening() -> list[str]:
    return [
        "",
        *prose("""
            What is found when nobody acts together, and what when somebody does. Every figure here was
            measured by
        """),
        "```sh",
        "uv run python bench/quality/run.py --data DIR",
        "```",
        "",
        *prose("""
            where DIR holds the published sets in Parquet; the simulated part needs no data. The part that
            every change is held against is `bench/quality/run.py --small`, its results frozen in
            `bench/quality/frozen.json`. `concerted evaluate` measures the same on your own labelled data.
        """),
        *prose("""
            Accounts are found at a false discovery rate of 5 % unless a table says otherwise; intervals are
            exact (Clopper and Pearson), at 95 %, and take accounts for independent, which accounts of one
            file are not. Simulated crowds have 500 accounts (800 where groups are planted) over 28 days.
        """),
    ]


def _organic(full: dict[str, Any]) -> list[str]:
    rows = []
    for name, cases in families(full, "organic"):
        tested, honest = (sum(case[what] for case in cases) for what in ("tested", "honest"))
        low, high = clopper_pearson(honest, tested)
        loud = sum(case["honest"] > 0 for case in cases)
        rows.append(
            (
                name,
                len(cases),
                tested,
                honest,
                f"{low:.4f} to {high:.4f}",
                f"{loud} of {len(cases)}",
                *(
                    sum(case[what] for case in cases)
                    for what in ("honest in sets", "explained", "unresolved")
                ),
            )
        )
    return [
        "## Crowds without an operation",
        "",
        *prose("""
            Nobody is planted here. Every found account counts as false, also those that are openly
            automated and not labelled so by their platform.
        """),
        *table(
            (
                "crowd",
                "files",
                "accounts tested",
                "found",
                "share, interval",
                "files with any",
                "in found sets",
                "explained",
                "unresolved",
            ),
            rows,
        ),
    ]


def _sets(full: dict[str, Any]) -> list[str]:
    quiet = [row for row in full["cases"].values() if row["kind"] == "organic"]
    lines = []
    for level in LEVELS:
        one = [row["levels"][str(level)] for row in quiet]
        cells = []
        for what in ("accounts", "ties", "sets"):
            loud = sum(levels[what][0] > 0 for levels in one)
            low, high = clopper_pearson(loud, len(one))
            cells.append(f"{loud} of {len(one)} ({low:.3f} to {high:.3f})")
        lines.append((f"{level:g}", *cells))
    return [
        "## Files in which anything is found, nobody acting together",
        "",
        *prose("""
            In a file without an operation the false discovery rate is the chance that anything is shown at
            all, so this share should be at most the nominal level.
        """),
        *table(("nominal", "accounts", "ties", "sets"), lines),
    ]


def _levels(full: dict[str, Any]) -> list[str]:
    rows = []
    for name, cases in families(full, "simulated", "mixed"):
        for level in LEVELS:
            cells: list[Any] = []
            for what in ("accounts", "ties", "sets"):
                shown, false = (sum(case["levels"][str(level)][what][i] for case in cases) for i in (0, 1))
                low, high = clopper_pearson(false, shown)
                cells.append(f"{false} of {shown} ({low:.3f} to {high:.3f})" if shown else "none shown")
            rows.append((f"{name}, {len(cases)} files", f"{level:g}", *cells))
    return [
        "## False shares where an operation is",
        "",
        *prose("""
            Of what is shown, how much is false: accounts that are innocent, ties with an innocent end, sets
            of which more than half are innocent.
        """),
        *table(("case", "nominal", "accounts", "ties", "sets"), rows),
    ]


def _p_values(full: dict[str, Any]) -> list[str]:
    rows, series = [], {}
    for name, cells in full["calibration"].items():
        for tier in ("anchored", "exclusive", "same-second"):
            for window in sorted({cell["window"] for cell in cells if cell["tier"] == tier}):
                one = next(c for c in cells if c["tier"] == tier and c["window"] == window)
                if one["pairs"] < 100:
                    continue
                shares = [one[f"{level:g}"] / (level * one["pairs"]) for level in P_LEVELS]
                rows.append((name, tier, f"{window} s", one["pairs"], *(f"{share:.2f}" for share in shares)))
                if window == 600 and tier != "same-second":
                    series[f"{name}, {tier}"] = [
                        (level, one[f"{level:g}"] / one["pairs"]) for level in P_LEVELS
                    ]
    ticks = (1e-5, 1e-4, 1e-3, 1e-2)
    plot(
        "p-values",
        chart(
            "Share of pairs with p at most x, nobody acting together",
            "p",
            "share of pairs",
            series,
            log=True,
            x_ticks=ticks,
            y_ticks=(1e-6, *ticks, 1e-1),
            diagonal=True,
        ),
    )
    return [
        "## p of pairs",
        "",
        *prose("""
            Observed over expected numbers of pairs with p at most the level, among all pairs that share two
            objects within the horizon, before innocent causes. 1 is exact, below 1 is cautious. p is
            randomised within its steps for this table only; the p that is used is never smaller. Few pairs
            make the last columns coarse.
        """),
        *table(("crowd", "tier", "window", "pairs", *(f"{level:g}" for level in P_LEVELS)), rows),
        "",
        "![p of pairs](calibration/p-values.svg)",
    ]


def _cases(full: dict[str, Any]) -> list[str]:
    rows = [
        (
            f"{row['case']} ({row['kind']})",
            row["posts"],
            row["accounts"],
            row["tested"],
            row["planted"],
            row["found"],
            row["honest"],
            row["in sets"],
            row["honest in sets"],
            row["pr_auc"],
        )
        for row in full["cases"].values()
    ]
    head = (
        "case",
        "posts",
        "accounts",
        "tested",
        "known",
        "found",
        "innocent",
        "known in sets",
        "innocent in sets",
        "PR-AUC",
    )
    return ["## Every case", "", *table(head, sorted(rows))]
