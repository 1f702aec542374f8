"""Explain: the posts behind every tie shown, and what signals say about groups, sets and accounts."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import pyarrow as pa
from msgspec import Meta

from concerted import registry, schema, settings
from concerted.engines import Engine, open_engine
from concerted.explaining import evidence as behind
from concerted.explaining.document import assemble
from concerted.explaining.limits import file_notes
from concerted.explaining.once import once
from concerted.explaining.shown import shown
from concerted.parallel import in_parallel
from concerted.settings import option
from concerted.signals._judged import Tested, judged
from concerted.stages import Chunks, Progress, Tables, silent
from concerted.table import Table

__all__ = ["READS", "VERSION", "WRITES", "Config", "assemble", "run"]

READS = (
    "posts",
    "accounts",
    "ledger",
    "inputs",
    "events",
    "objects",
    "ties",
    "standings",
    "groups",
    "lineage",
    "sets",
    "leads",
    "ranks",
    "made",
)
WRITES = ("evidence", "notes")
VERSION = 13

SUBJECTS = """
select distinct 'cluster' as subject_kind, cluster as subject, account from groups
union all
select distinct 'set' as subject_kind, set as subject, account from sets
where answer in ('found', 'unresolved')
union all
select distinct 'account' as subject_kind, account as subject, account from standings s
where answer in ('found', 'explained', 'unresolved')
  and not exists (select 1 from groups g where g.account = s.account)
order by subject_kind, subject, account
"""

ORDER = [(name, "ascending") for name in ("subject_kind", "subject", "leans", "signal", "says")]


@dataclass(frozen=True)
class Config:
    """Options of explain."""

    signals: tuple[str, ...] = option(
        (), "signals that comment on groups, sets and accounts; none named: all"
    )
    fdr: Annotated[float, Meta(gt=0, lt=1)] = option(
        0.05, "false discovery rate of what speaks for groups, sets and files, over all signals, 0 to 1"
    )
    seed: Annotated[int, Meta(ge=0)] = option(1, "seed of every random step")
    signal_options: dict[str, dict[str, Any]] = field(
        default_factory=dict, metadata={"says": "options of single signals, such as births.least"}
    )
    set_pairs: Annotated[int, Meta(ge=1)] = option(50, "pairs of a set whose posts are kept as evidence")
    account_pairs: Annotated[int, Meta(ge=1)] = option(
        10, "pairs of an account outside groups whose posts are kept as evidence"
    )


def run(tables: Tables, config: Config, progress: Progress = silent, engine: Engine | None = None) -> Chunks:
    """Yields `evidence` in chunks, then `notes`.

    Raises UnknownName where `signals` names one that does not exist, SettingError for an option it lacks.
    """
    signals = _chosen(config)
    engine = engine or open_engine()
    ties = shown(tables, engine, config.set_pairs, config.account_pairs)
    acts = behind.touched(ties, tables, engine)
    for done, chunk in behind.evidence(ties, acts, tables, engine):
        yield "evidence", chunk
        progress("posts behind ties", done, ties.num_rows)
    yield "notes", _notes(behind.successes(ties, acts, engine), tables, engine, signals, progress)


def _chosen(config: Config) -> list[Any]:
    """The signals with their options; those that test take error rate and seed of the run."""
    chosen = []
    for name in config.signal_options:
        registry.find("signals", name)
    for name in config.signals or registry.names("signals"):
        signal = registry.find("signals", name)
        own = {one.name for one in dataclasses.fields(signal)}
        shared = {key: value for key, value in (("fdr", config.fdr), ("seed", config.seed)) if key in own}
        chosen.append(settings.build(signal, {**shared, **config.signal_options.get(name, {})}))
    return chosen


def _notes(
    evidence: pa.Table, tables: Mapping[str, Table], engine: Engine, signals: list[Any], progress: Progress
) -> pa.Table:
    names = ("groups", "sets", "standings")
    subjects = engine.query(SUBJECTS, {name: tables[name] for name in names})
    engine = once(engine)
    seen = {**tables, "evidence": Table("evidence", evidence)}
    said, asked, fdr = [file_notes(tables, engine)], [], {}

    def answer(signal: Any) -> Any:
        if isinstance(signal, Tested):
            return signal.asked(subjects, seen, engine)
        return schema.check("notes", signal.notes(subjects, seen, engine))

    for place, (signal, told) in enumerate(zip(signals, in_parallel(answer, signals), strict=True)):
        progress("signals", place, len(signals))
        if isinstance(signal, Tested):
            asked += told
            fdr[signal.name] = signal.fdr
        else:
            said.append(told)
    progress("signals", len(signals), len(signals))
    return pa.concat_tables([*said, judged(asked, fdr)]).sort_by(ORDER)
