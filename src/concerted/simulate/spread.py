"""A simulation told over several platforms, whose clocks may disagree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import pyarrow as pa

from concerted import schema
from concerted.errors import SettingError
from concerted.simulate.model import TRUTH, Simulation, in_order


def spread(
    simulation: Simulation,
    platforms: tuple[str, ...] = ("x", "facebook"),
    ahead: Mapping[str, float] | None = None,
) -> Simulation:
    """The same accounts on several platforms, drawn with equal chances; planted groups take them in turn.

    A reshare or reply stays where it meets its post on the same platform and is left out elsewhere, as no
    platform has such an act: across platforms only links, texts, tags and media meet. `ahead` says by how
    many seconds the clock of a platform is ahead. Raises SettingError for fewer than two platforms, or an
    unknown one in `ahead`.
    """
    ahead = ahead or {}
    if len(set(platforms)) < 2 or set(ahead) - set(platforms):
        raise SettingError(
            f"spread over two or more platforms, and clocks of these only, not {platforms}, {ahead}"
        )
    rng = np.random.default_rng([simulation.seed, 6])
    home: dict[str, str] = {}
    turn: dict[str, int] = {}
    for row in simulation.truth.to_pylist():
        group = row["group"]
        if group is None:
            home[row["account"]] = platforms[int(rng.integers(len(platforms)))]
        else:
            turn[group] = turn.get(group, -1) + 1
            home[row["account"]] = platforms[turn[group] % len(platforms)]

    def moved(account: str) -> str:
        return f"{home[account]}:{account.partition(':')[2]}"

    rows = []
    for row in simulation.posts.to_pylist():
        where, parent = home[row["account"]], row["parent_account"]
        if parent and home[parent] != where:
            continue
        row |= {"account": moved(row["account"]), "platform": where}
        if parent:
            row["parent_account"] = moved(parent)
        for name in ("time", "parent_time"):
            row[name] = row[name] and row[name] + timedelta(seconds=ahead.get(where, 0.0))
        rows.append(row)
    accounts = [
        row | {"account": moved(row["account"]), "platform": home[row["account"]]}
        for row in simulation.accounts.to_pylist()
    ]
    names = pa.array([moved(account) for account in simulation.truth["account"].to_pylist()], pa.string())
    return Simulation(
        in_order(pa.Table.from_pylist(rows, schema.arrow("posts"))),
        pa.Table.from_pylist(accounts, schema.arrow("accounts")),
        simulation.truth.set_column(0, TRUTH.field("account"), names),
        simulation.seed,
        simulation.days,
    )
