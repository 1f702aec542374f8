"""All signals that test, asked of honest groups in one run: `bench/signals/together.py --data DIR`.

Each run asks about ten groups drawn at random from an honest file, 15 accounts each, and about the file
itself. Printed is in how many runs anything counts for any of them: once with one rate over all signals, as
it is, and once with each signal paying for its own notes only. Then the same for honest communities, the
users of one hashtag, ten in a run, which nobody drew at random.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from loading import accounts_of, read, subjects, tagged

from concerted import registry, schema
from concerted.engines import open_engine
from concerted.explaining.once import once
from concerted.signals._judged import Tested, judged
from concerted.table import Table

HONEST = ("conference_tweets", "vaccine_tweets_2021", "us_election_x_2024", "bluesky_search_2025")
GROUPS, SIZE = 10, 15


def main(data: Path, runs: int, seed: int) -> None:
    every_signal = [signal() for signal in registry.everything("signals").values()]
    signals = [signal for signal in every_signal if isinstance(signal, Tested)]
    fdr = {signal.name: signal.fdr for signal in signals}
    print(f"Runs with anything that counts for an honest group, at {100 * signals[0].fdr:g} %\n")
    for name in HONEST:
        part = dict(read(data, name, "posts.parquet"))
        part["evidence"] = Table("evidence", schema.empty("evidence"))
        engine, every, rng = once(open_engine()), accounts_of(part), np.random.default_rng(seed)
        drawn = [
            {str(n): rng.choice(every, SIZE, False).tolist() for n in range(GROUPS)} for _ in range(runs)
        ]
        communities = [(tag, sorted(some)) for tag, some in tagged(part, 10, 0.2)]
        tags = [dict(communities[at : at + GROUPS]) for at in range(0, len(communities), GROUPS)]
        for what, asked in (("random groups", drawn), ("users of a hashtag", tags)):
            together = apart = tests = 0
            which: Counter[str] = Counter()
            for groups in asked:
                rows: dict[str, list[dict[str, Any]]] = {
                    signal.name: signal.asked(subjects(groups), part, engine) for signal in signals
                }
                tests += sum(row.get("p") is not None for some in rows.values() for row in some)
                apart += any(called(some, fdr) for some in rows.values())
                said = called([row for some in rows.values() for row in some], fdr)
                which.update(said)
                together += bool(said)
            names = ", ".join(f"{signal} {count}" for signal, count in which.most_common())
            print(
                f"  {name:22} {what:18} {len(asked):3} runs, {tests:6} questions: one rate {together}, "
                f"each signal its own {apart}{f' ({names})' if names else ''}"
            )


def called(rows: list[dict[str, Any]], fdr: dict[str, float]) -> list[str]:
    """The signals of the notes that count for anything."""
    return [note["signal"] for note in judged(rows, fdr).to_pylist() if note["leans"] == "for"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    main(**vars(parser.parse_args()))
