"""Leads: who looks alike, without an error rate, and one order over all accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted import schema
from concerted.nulls import centrality
from concerted.nulls.log import Floats
from concerted.nulls.multiplicity import digits
from concerted.nulls.sets import Judged, Likeness

MOST = 20  # leads listed
ALIKE = 10.0
FOUND, SET = 2.0, 1.0  # ranks never mix: what is found comes before sets, sets before leads


@dataclass(frozen=True)
class Lead:
    """A community that shares alike; `score` is its mean cosine times the share of its weight inside it."""

    trace: str
    members: tuple[int, ...]
    score: float


def ranks(
    names: pa.Array, standings: pa.Table, judged: Sequence[Judged], likeness: Sequence[Likeness]
) -> pa.Table:
    """All accounts tested or that share three objects: found ones by p, members of found sets by ratio, the
    rest by what is suggestive.

    The rest are ordered by the evidence of their own p and by that of the sets they take part in, both in
    decades, plus ten times how alike their best community shares (as in `leads`), plus how near they stand to
    the file's closest circle (`centrality.decades`). The weights are chosen by the benchmark; nothing is
    claimed of this order.
    """
    code = np.asarray(pc.index_in(standings["account"].combine_chunks(), names), dtype=np.int64)
    own, found = np.zeros(len(names)), np.zeros(len(names), bool)
    own[code] = -np.log10(np.maximum(np.asarray(standings["p"].combine_chunks()), 1e-300))
    found[code] = np.asarray(pc.equal(standings["answer"], "found").combine_chunks(), dtype=bool)
    known = np.zeros(len(names), bool)
    known[code] = True
    ratio, suggestive, alike = (np.zeros(len(names)) for _ in range(3))
    for one in judged:
        if one.answer == "found":
            np.maximum.at(ratio, one.result.members, one.result.ratio)
    for layer in likeness:
        known |= layer.eligible
        for result in layer.results:
            np.maximum.at(suggestive, result.members, -np.log10(max(result.p, 1e-300)))
        for community, much in zip(layer.communities, layer.scores, strict=True):
            np.maximum.at(alike, community.members, much)
    near = centrality.decades([layer.surprise for layer in likeness], len(names))
    rest = own + suggestive + ALIKE * alike + near
    score = np.where(found, FOUND + own / 301, np.where(ratio > 0, SET + _squash(ratio), _squash(rest)))
    rank = np.where(found, "found", np.where(ratio > 0, "set", "lead"))
    rows = np.flatnonzero(known)
    return schema.rows(
        "ranks", account=names.take(pa.array(rows)), rank=pa.array(rank[rows]), score=digits(score[rows])
    )


def _squash(value: Floats) -> Floats:
    return value / (1.0 + value)


def leads(
    names: pa.Array, standings: pa.Table, judged: Sequence[Judged], likeness: Sequence[Likeness]
) -> pa.Table:
    """The communities most alike in what they share, those mostly found already left out. Not findings."""
    known = standings.filter(pc.equal(standings["answer"], "found"))["account"].combine_chunks()
    told = set(np.flatnonzero(np.asarray(pc.is_in(names, known))).tolist())
    for one in judged:
        if one.answer == "found":
            told |= set(one.result.named.tolist())
    candidates: dict[tuple[int, ...], list[Lead]] = {}
    for layer in likeness:
        for community, score in zip(layer.communities, layer.scores, strict=True):
            members = tuple(community.members.tolist())
            if score > 0 and sum(m in told for m in members) <= len(members) / 2:
                candidates.setdefault(members, []).append(Lead(layer.trace, members, score))
    best = sorted(candidates.values(), key=lambda same: (-max(lead.score for lead in same), same[0].members))
    shown: list[list[Lead]] = []
    for same in best:
        mine = set(same[0].members)
        if len(shown) < MOST and all(len(mine & set(o[0].members)) <= len(mine) / 2 for o in shown):
            shown.append(same)
    columns: dict[str, list[object]] = {"lead": [], "account": [], "traces": [], "score": []}
    for number, same in enumerate(shown, start=1):
        size = len(same[0].members)
        columns["lead"] += [f"L{number}"] * size
        columns["account"] += names.take(pa.array(same[0].members)).to_pylist()
        columns["traces"] += [sorted({lead.trace for lead in same})] * size
        columns["score"] += [float(digits(np.array([max(lead.score for lead in same)]))[0])] * size
    return schema.rows("leads", **columns)
