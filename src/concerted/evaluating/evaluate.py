"""All cases in turn, and their figures in words."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from concerted.errors import InputError
from concerted.evaluating.case import Case
from concerted.evaluating.figures import clopper_pearson
from concerted.evaluating.folder import folders
from concerted.evaluating.measuring import LEVELS, figures, outcome
from concerted.evaluating.mixing import mixed
from concerted.evaluating.public import public
from concerted.evaluating.simulated import ORGANIC, PLANTS, organic, planted
from concerted.stages import Progress, silent

LEFT_OUT = ("power by size and delay", "power by objects and participation", "tenth sampled", "communities")


def cases(data: Path | None = None, seed: int = 1) -> list[Case]:
    """What the folder `data` holds: labelled folders, published sets, and mixtures of these. Without one, the
    simulated cases of one seed.

    Raises InputError where the folder is not there or holds none of these.
    """
    if data is None:
        crowds = [organic(name, seed) for name in ORGANIC if name not in LEFT_OUT]
        return crowds + [planted(name, seed) for name in PLANTS if name not in LEFT_OUT]
    if not data.is_dir():
        raise InputError(f"{data} is not a folder: name one that holds labelled data")
    labelled = [*folders(data), *public(data), *mixed(data)]
    if not labelled:
        raise InputError(
            f"{data} holds no labelled data: put in it folders with posts.csv (post_id, account_id, "
            "created_at, reshare_of) and truth.csv (account_id, group)"
        )
    return labelled


def evaluate(
    data: Path | None = None,
    progress: Progress = silent,
    *,
    seed: int = 1,
    chosen: Iterable[Case] | None = None,
) -> list[dict[str, Any]]:
    """Figures of every case, one dict each: what was planted or known, what was found, and what falsely so.

    `chosen` are cases to run instead of those of `cases(data, seed)`. Raises what reading and the stages
    raise.
    """
    todo = cases(data, seed) if chosen is None else list(chosen)
    result = []
    for number, case in enumerate(todo):
        progress(f"evaluate {case.name}", number, len(todo))
        result.append(figures(case, outcome(case.load())))
    progress("evaluate", len(todo), len(todo))
    return result


def in_words(rows: list[dict[str, Any]]) -> str:
    """A line per case, the groups of each case that has some, and the false shares over all cases."""
    width = max(len(row["case"]) for row in rows)
    lines = [f"{'case':<{width}}   tested   known   found  in sets  innocent  PR-AUC"]
    for row in rows:
        area = "" if row["pr_auc"] is None else f"{row['pr_auc']:.3f}"
        innocent = str(row["honest"]) + (f"+{row['honest in sets']}" if row["honest in sets"] else "")
        lines.append(
            f"{row['case']:<{width}}  {row['tested']:>7,}  {row['planted']:>6,}  {row['found']:>6,}  "
            f"{row['in sets']:>7,}  {innocent:>8}  {area}"
        )
        if len(row["groups"]) > 1:
            lines += [
                f"  {group}: {one['found']} found, {one['found or in sets']} with sets, of {one['accounts']}"
                for group, one in row["groups"].items()
            ]
    lines.append("known: accounts planted or attributed; innocent: such accounts found (+ in found sets).")
    lines += shares(rows)
    return "\n".join(lines)


def shares(rows: list[dict[str, Any]]) -> list[str]:
    """Per nominal level, over all cases together: how many accounts were shown and what share falsely."""
    lines = []
    for level in LEVELS:
        shown = sum(row["levels"][str(level)]["accounts"][0] for row in rows)
        false = sum(row["levels"][str(level)]["accounts"][1] for row in rows)
        low, high = clopper_pearson(false, shown)
        quiet = [row for row in rows if row["kind"] == "organic"]
        loud = sum(row["levels"][str(level)]["accounts"][0] > 0 for row in quiet)
        share = f"{false / shown:.3f} [{low:.3f}, {high:.3f}]" if shown else "none"
        lines.append(
            f"nominal {level:g}: {shown:,} accounts found, false share {share}; "
            f"{loud} of {len(quiet)} files without an operation show an account"
        )
    return lines
