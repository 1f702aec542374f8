"""Writes docs/calibration.md and its plots from what the full run measured."""

from __future__ import annotations

import re
from typing import Any

import operations
from plots import chart
from tables import DOCS, PLOTS, families, plot, prose, table

from concerted.evaluating.figures import clopper_pearson
from concerted.evaluating.measuring import LEVELS

MADE = "<!-- made by bench/quality/run.py: measure again, do not edit -->"
SOURCES = {
    "conference_tweets": "github.com/neilfws/Twitter",
    "us_congress_2016": "github.com/yungster/congress-tweets",
    "boxing_match_2017": "github.com/fivethirtyeight/data, CC BY 4.0",
    "vaccine_tweets_2021": "github.com/sukhveeratwal24/pfizertweets, CC0 as far as known",
    "bluesky_search_2025": "github.com/nigi1992/Bluesky-Data-Collection-Cleaning-and-Analysis",
    "higgs_2012": "SNAP, De Domenico et al. 2013, Scientific Reports 3:2980",
    "twitter15_16_cascades": "Ma et al. 2017, by github.com/gszswork/Twitter15_16_dataset; every fifth "
    "story in the mixture",
    "thailand_rta_2020": "Twitter's archive of information operations, October 2020",
    "ira_clemson": "FiveThirtyEight and Clemson University, edition by author, to 2015; 17 very active "
    "accounts are missing from it",
    "turkish_astroturf_2022": "github.com/tugrulz/EphemeralAstroturfing, Elmas et al. 2021",
    "coortweet_russian, coortweet_german_elections": "github.com/nicolarighetti/CooRTweet, MIT",
}
P_LEVELS = (1e-2, 1e-3, 1e-4, 1e-5)


def write(full: dict[str, Any]) -> None:
    """Writes the page and the plots it shows."""
    PLOTS.mkdir(exist_ok=True)
    lines = [MADE, "", "# Calibration", *_opening()]
    for part in (
        _short,
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
        _sources,
    ):
        lines += ["", *part(full)]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip()
    (DOCS / "calibration.md").write_text(text + "\n", "utf-8", newline="\n")


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


def _short(full: dict[str, Any]) -> list[str]:
    """What falls short, drawn from the tables below so that it cannot be out of date."""
    loud = [
        f"{row['case']}: {row['honest']} accounts, and {row['honest in sets']} in found sets"
        for row in full["cases"].values()
        if row["kind"] == "organic" and (row["honest"] or row["honest in sets"])
    ]
    silent = sorted(
        {
            f"{row['family']}: {group}"
            for row in full["cases"].values()
            for group, one in row["groups"].items()
            if not one["found"] and not one["in own sets"] and row["family"] not in operations.POWER
        }
    )
    behind, fewer = [], []
    for name, one in full["peers"].items():
        rules = {key: rule for key, rule in one["rules"].items() if key != "concerted"}
        most = max(rules, key=lambda key: rules[key]["at the honest of found or in sets"])
        theirs, (ours, honest) = rules[most]["at the honest of found or in sets"], one["found or in sets"]
        if theirs > ours:
            fewer.append(f"{name}: {most} {theirs}, here {ours} (innocent ones allowed: {honest})")
        area = one["rules"]["concerted"]["pr_auc"] or 0.0
        best = max(one["rules"].values(), key=lambda rule: rule["pr_auc"] or 0.0)
        if (best["pr_auc"] or 0.0) > area:
            rule = next(key for key, value in one["rules"].items() if value is best)
            behind.append(f"{name}: {rule} {best['pr_auc']:.3f}, here {area:.3f}")
    lines = ["## Where it falls short", ""]
    for says, items in (
        ("Innocent accounts shown in files without an operation:", loud),
        (
            "Nothing shown of these groups in at least one file, neither accounts nor a set of their own:",
            silent,
        ),
        ("The order of all accounts is worse than by another tool's rule (area under the curve):", behind),
        (
            "Another tool's rule flags more known accounts than are found or in found sets here, at as many "
            "innocent ones, its threshold chosen with the truth at hand:",
            fewer,
        ),
    ):
        lines += [says, "", *(f"- {item}" for item in sorted(items)), *([] if items else ["- none"]), ""]
    return lines


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
            rows.append((name, f"{level:g}", *cells))
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


def _sources(_: dict[str, Any]) -> list[str]:
    return [
        "## Where the sets come from",
        "",
        *prose("""
            None of their rows is part of this project. Each was cleaned to Parquet: ids as text, times in
            UTC, ordinary people's ids replaced by keyed hashes. A mixture lays a known operation over an
            innocent set: its times are moved by whole days, both get the coarser clock, no object is
            shared. Simulated crowds and groups are made by `concerted.simulate`.
        """),
        *(f"- `{name}`: {says}" for name, says in SOURCES.items()),
    ]
