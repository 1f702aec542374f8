"""The part of the page on operations: what is found of them, how soon, and by other rules."""

from __future__ import annotations

from typing import Any

from peers import RULES
from plots import chart
from tables import PLOTS, families, mean, plot, prose, table

from concerted.evaluating.figures import clopper_pearson

POWER = ("power by size and delay", "power by objects and participation")


def known(full: dict[str, Any]) -> list[str]:
    rows = []
    for name, cases in families(full, "simulated", "mixed", "known"):
        if name in POWER:
            continue
        for group in sorted({group for case in cases for group in case["groups"]}):
            ones = [case["groups"][group] for case in cases if group in case["groups"]]
            size, found, both = (
                sum(one[w] for one in ones) for w in ("accounts", "found", "found or in sets")
            )
            own = sum(one["in own sets"] for one in ones)
            low, high = clopper_pearson(found, size)
            recall = f"{found / size:.2f} ({low:.2f} to {high:.2f})"
            rows.append((name, group, len(ones), size, found, recall, own, both))
    members = []
    for name, cases in families(full, "simulated", "mixed"):
        known, innocent = (sum(case[what] for case in cases) for what in ("in sets", "honest in sets"))
        if known + innocent:
            low, high = clopper_pearson(innocent, known + innocent)
            share = innocent / (known + innocent)
            members.append((name, len(cases), known, innocent, f"{share:.2f} ({low:.2f} to {high:.2f})"))
    return [
        "## What is found of each operation",
        "",
        *prose("""
            Members of sets are not found one by one: the set as a whole acts together more than chance
            explains. A set is a group's own where at least half of its members are of that group. The last
            column also counts sets that several groups, or a group and a crowd, make up together: planted
            groups take their content from all topics, the crowd does not, so they lie closer to each other
            in what they share than real operations of different origin would.
        """),
        *table(
            (
                "case",
                "group",
                "files",
                "accounts",
                "found",
                "recall of found",
                "in own sets",
                "found or in any set",
            ),
            rows,
        ),
        "",
        "Members of found sets in files with an operation, and how many of them are innocent:",
        "",
        *table(("case", "files", "known members", "innocent members", "share"), members),
    ]


def power(full: dict[str, Any]) -> list[str]:
    rows = []
    for family, file, x_says, split in (
        (
            POWER[0],
            "power-size",
            "accounts in the group",
            lambda name: (name.split()[1], float(name.split()[0])),
        ),
        (
            POWER[1],
            "power-objects",
            "joint actions",
            lambda name: (name.split(", ")[1] + " take part", float(name.split()[0])),
        ),
    ):
        series: dict[str, dict[float, list[int]]] = {}
        for case in full["cases"].values():
            if case["family"] != family:
                continue
            for group, one in case["groups"].items():
                name, x = split(group)
                total = series.setdefault(name, {}).setdefault(x, [0, 0, 0])
                for i, what in enumerate(("accounts", "found", "found or in sets")):
                    total[i] += one[what]
        lines = {name: [(x, n[1] / n[0]) for x, n in sorted(of.items())] for name, of in series.items()}
        for name, of in series.items():
            for x, n in sorted(of.items()):
                rows.append((x_says, f"{x:g}", name, n[0], n[1], n[2]))
        ticks = sorted({x for points in lines.values() for x, _ in points})
        if ticks:
            plot(file, chart("Share of the group found", x_says, "found", lines, x_ticks=ticks))
    return [
        "## Power",
        "",
        *prose("""
            By size: 15 joint actions, 70 % take part in each. By actions: eight accounts within minutes.
        """),
        *table(("by", "value", "kind", "accounts", "found", "found or in sets"), rows),
        "",
        "![by size](calibration/power-size.svg) ![by actions](calibration/power-objects.svg)",
    ]


def peers(full: dict[str, Any]) -> list[str]:
    families: dict[str, list[dict[str, Any]]] = {}
    for name, one in full["peers"].items():
        families.setdefault(full["cases"][name]["family"], []).append(one)
    names = ("concerted", *RULES)
    areas, equal = [], []
    for family, ones in sorted(families.items()):
        areas.append((family, *(mean([one["rules"][name]["pr_auc"] for one in ones]) for name in names)))
        for kind in ("found", "found or in sets"):
            known, hits, honest = (
                sum(one["planted"] if i < 0 else one[kind][i] for one in ones) for i in (-1, 0, 1)
            )
            rest = (sum(one["rules"][name][f"at the honest of {kind}"] for one in ones) for name in RULES)
            equal.append((f"{family}, {kind}", known, honest, hits, *rest))
        if family in ("shared content", "by hand") or full["cases"].get(family, {}).get("kind") == "mixed":
            curves = {name: [tuple(point) for point in ones[0]["rules"][name]["curve"]] for name in names}
            file = "pr-" + family.replace(" ", "-")
            plot(
                file,
                chart(
                    f"{family}: precision by recall",
                    "recall",
                    "precision",
                    curves,
                    x_ticks=(0, 0.25, 0.5, 0.75, 1),
                ),
            )
    shown = sorted(path.name for path in PLOTS.glob("pr-*.svg"))
    return [
        "## Other tools' rules on the same data",
        "",
        *prose("""
            Each rule was written anew from its description and swept over its thresholds: an account's
            score is the largest weight among its pairs. It is the rule that is compared, not the tool. Area
            under the precision-recall curve of accounts, mean over files:
        """),
        *table(("case", *names), areas),
        "",
        *prose("""
            Known accounts above any threshold that flags no more innocent accounts than concerted does in
            that file. The threshold of the other rules is chosen here with the truth at hand, which a user
            never has.
        """),
        *table(("case", "known", "innocent allowed", "concerted", *RULES), equal),
        "",
        *(f"![{name}](calibration/{name})" for name in shown),
    ]


def days(full: dict[str, Any]) -> list[str]:
    ways = ("one look", "one look, sets too", "daily looks")
    rows = [
        (case, group, *(one[way] if one[way] is not None else "not" for way in ways))
        for case, groups in full["days"].items()
        for group, one in groups.items()
    ]
    return [
        "## Days until found",
        "",
        *prose("""
            Days from the first post of anyone known until half of a group is found, of 1, 3, 7, 14, 21 and
            28: by one look on that day, the same with members of found sets, and by a look every day, which
            pays for all its looks (the k-th at 0.05 / (k (k + 1))).
        """),
        *table(("case", "group", *ways), rows),
    ]


def ablation(full: dict[str, Any]) -> list[str]:
    return [
        "## Each choice taken out",
        "",
        *prose("""
            Known accounts found + innocent ones found, sets not counted.
        """),
        *_switches(full.get("ablation", [])),
        "",
        *prose("""
            The same of sets: known members of found sets + innocent ones.
        """),
        *_switches(full.get("ablation of sets", [])),
    ]


def _switches(rows: list[dict[str, Any]]) -> list[str]:
    cases = list(rows[0]["cases"]) if rows else []
    return [
        *table(
            ("choice", "known", "innocent", *cases),
            (
                (
                    row["switch"],
                    row["found"],
                    row["honest"],
                    *("{} + {}".format(*row["cases"][c]) for c in cases),
                )
                for row in rows
            ),
        ),
    ]


def reference(full: dict[str, Any]) -> list[str]:
    rows = full.get("reference", [])
    return [
        "## Is the rule compared with the tool's own?",
        "",
        *prose("""
            Edges that CooRTweet 2.1.3 made of the same files, and edges and weights that the rule here
            makes alike. The other rules are held to their descriptions only.
        """),
        *table(
            ("file", "edges there", "edges here", "same edge", "same weight"),
            ((r["file"], r["there"], r["here"], r["edges"], r["weights"]) for r in rows),
        ),
    ]
