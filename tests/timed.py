"""Events for tests of the statistics, written as (account, object, seconds), and the stages run on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from concerted import schema
from concerted.engines import Engine
from concerted.nulls.log import Floats, Ints, Log
from concerted.stages import group, pair, weigh
from concerted.table import Table

START = 1_709_251_200  # 1 March 2024, UTC
DAY = 86_400
Row = tuple[str, str, float]


def events(
    rows: Iterable[Row], origins: Mapping[str, float] | None = None, *, trace: str = "link", step: float = 1.0
) -> dict[str, Table]:
    """Tables events and objects: an account's first touch of each object, times in seconds since START."""
    first: dict[tuple[str, str], float] = {}
    for account, object_, seconds in rows:
        key = (account, object_)
        first[key] = min(seconds, first.get(key, seconds))
    listed = sorted((object_, seconds, account) for (account, object_), seconds in first.items())
    origins = origins or {}
    names = sorted({object_ for object_, _, _ in listed})
    made = schema.rows(
        "events",
        trace=[trace] * len(listed),
        account=[account for _, _, account in listed],
        object=[object_ for object_, _, _ in listed],
        time=pa.array([_micro(seconds) for _, seconds, _ in listed], pa.int64()).cast(schema.TIME),
        resolution_s=[step] * len(listed),
        post=[f"{trace}-{number}" for number in range(len(listed))],
    )
    known = schema.rows(
        "objects",
        trace=[trace] * len(names),
        object=names,
        origin=pa.array(
            [_micro(origins[name]) if name in origins else None for name in names], pa.int64()
        ).cast(schema.TIME),
    )
    return {"events": Table("events", made), "objects": Table("objects", known)}


def _micro(seconds: float) -> int:
    return round((START + seconds) * 1_000_000)


def joined(*tables: Mapping[str, Table]) -> dict[str, Table]:
    """Several traces as one pair of tables."""
    return {
        name: Table(name, pa.concat_tables([one[name].to_arrow() for one in tables]))
        for name in ("events", "objects")
    }


def ran(
    stage: Any, tables: Mapping[str, Table], engine: Engine | None = None, **options: Any
) -> dict[str, Table]:
    """What a stage writes, whole tables by name, checked against the schema."""
    chunks: dict[str, list[pa.Table]] = {}
    for name, chunk in stage.run(tables, stage.Config(**options), engine=engine):
        chunks.setdefault(name, []).append(schema.check(name, chunk))
    assert set(chunks) == set(stage.WRITES)
    return {name: Table(name, pa.concat_tables(parts)) for name, parts in chunks.items()}


def paired(tables: Mapping[str, Table]) -> dict[str, Table]:
    """The tables with those of pair beside them."""
    return {**tables, **ran(pair, tables)}


def weighed(tables: Mapping[str, Table], **options: Any) -> dict[str, Table]:
    """The tables with those of pair and weigh beside them."""
    before = paired(tables)
    return {**before, **ran(weigh, before, **options)}


def grouped(tables: Mapping[str, Table], **options: Any) -> dict[str, Table]:
    """The tables with those of pair, weigh and group beside them."""
    before = weighed(tables)
    return {**before, **ran(group, before, **options)}


def answers(tables: Mapping[str, Table], answer: str) -> set[str]:
    """Accounts with this answer."""
    return {row["account"] for row in tables["standings"].rows() if row["answer"] == answer}


def log(
    account: Iterable[int],
    object_: Iterable[int],
    seconds: Iterable[float],
    *,
    step: float = 1.0,
    origin: Ints | None = None,
    objects: int | None = None,
) -> Log:
    """A log from unsorted arrays; times in seconds, `origin` in microseconds."""
    a, o = np.array(list(account), np.int64), np.array(list(object_), np.int64)
    t = np.round(np.array(list(seconds)) * 1_000_000).astype(np.int64)
    order = np.lexsort((a, t, o))
    size = int(o.max(initial=-1)) + 1 if objects is None else objects
    if origin is None:
        origin = np.full(size, np.iinfo(np.int64).min)
    return Log(a[order], o[order], t[order], np.full(len(a), step), origin)


def crowd(
    seed: int, *, accounts: int = 300, objects: int = 400, each: int = 40, days: int = 20, spread: float = 4.0
) -> tuple[Ints, Ints, Floats]:
    """Accounts that touch objects at random: (account, object, whole seconds), exchangeable in time.

    `each` touches an object on average, heavy-tailed; latencies are Weibull with a scale of `spread` hours.
    """
    rng = np.random.default_rng(seed)
    born = np.sort(rng.integers(0, (days - 1) * DAY, objects))
    size = np.minimum((rng.pareto(1.5, objects) + 0.3) * each / 1.5, accounts * 0.6).astype(int) + 2
    who = [rng.choice(accounts, n, replace=False) for n in size]
    object_ = np.repeat(np.arange(objects), size)
    late = spread * 3600 * rng.weibull(0.6, len(object_))
    return np.concatenate(who), object_, np.floor(born[object_] + late)


def named(account: Ints, object_: Ints, seconds: Floats) -> list[Row]:
    """The same as rows with names: a0007 on o0012."""
    return [
        (f"x:a{a:04d}", f"o{o:04d}", float(t))
        for a, o, t in zip(account.tolist(), object_.tolist(), seconds.tolist(), strict=True)
    ]
