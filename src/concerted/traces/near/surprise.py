"""How improbable it is that somebody else writes the same text by chance, in bits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from concerted.traces.near.shingles import Hashes, Ints, code_points, distinct, mixed

Floats = npt.NDArray[np.float64]

ORDER = 5  # characters the model looks at: four before the one it foretells
SCORED = 140  # characters of a text that are scored: beyond them it is improbable anyway
SAMPLE = 2_500_000  # characters the model is fitted on, about
_AT_ONCE = 20_000  # texts scored at once
_START, _END = 2, 3  # characters no text holds


class _Grams(NamedTuple):
    """Each character of some texts with the characters before it: hashes of gram and context per order,
    shape (ORDER, characters); which text it is in, shape (characters,)."""

    gram: Hashes
    context: Hashes
    text: Ints


def surprise(texts: pa.Array, uses: Ints, leader: Ints, asked: Ints) -> Floats:
    """Bits of the texts `asked` (by rank): minus log2 of how many others are expected to write exactly it.

    A text is as improbable as an interpolated character model makes it (Witten and Bell 1991), fitted on
    the file's texts, each as often as accounts use it, those of its own cluster left out; minus log2 of the
    number of (account, text) in the file. Long texts are scored by their first `SCORED` characters, so
    that the value is a lower bound. `uses` are accounts per text, `leader` is the leader of each.
    """
    if not len(asked):
        return np.zeros(0)
    weight = _sample(texts, uses)
    sampled = np.flatnonzero(weight)
    known = _grams(pc.utf8_slice_codeunits(texts.take(sampled), 0, SCORED))
    weights = weight[sampled][known.text]
    alphabet = len(distinct(known.gram[0])) + 1
    bits = np.zeros(len(asked))
    for low in range(0, len(asked), _AT_ONCE):
        some = asked[low : low + _AT_ONCE]
        wanted = _grams(pc.utf8_slice_codeunits(texts.take(some), 0, SCORED))
        # own rows are told by the cluster, numbered as the texts asked are; everybody else has number -1
        number = np.full(len(texts), -1, np.int64)
        number[some] = np.arange(len(some))
        cluster = number[leader[sampled]][known.text]
        chance = np.full(len(wanted.text), 1.0 / alphabet)
        for order in range(ORDER):
            chance = _next(chance, order, known, weights, cluster, wanted)
        bits[low : low + _AT_ONCE] = np.bincount(wanted.text, -np.log2(chance), len(some))
    surprising: Floats = bits - np.log2(uses.sum())
    return surprising


def _sample(texts: pa.Array, uses: Ints) -> Floats:
    """How often each text counts in the model: as often as it is used, or a fair share of that where the
    file is large. The remainder is told by rank, so that no random numbers are needed."""
    lengths = np.minimum(np.asarray(pc.utf8_length(texts), dtype=np.int64), SCORED)
    share = min(1.0, SAMPLE / float((uses * lengths).sum()))
    edges = np.floor(np.concatenate(([0.0], np.cumsum(uses * share))) + 1e-9)
    return np.diff(edges)


def _grams(texts: pa.Array) -> _Grams:
    before = ORDER - 1
    codes, start = code_points(texts)
    lengths = np.diff(start)
    begins = np.concatenate(([0], np.cumsum(lengths + before + 1)))
    padded = np.full(begins[-1], _START, np.uint64)
    padded[np.arange(len(codes)) + np.repeat(begins[:-1] + before - start[:-1], lengths)] = codes
    padded[begins[1:] - 1] = _END
    sizes = lengths + 1
    first = np.cumsum(sizes) - sizes
    at = np.arange(sizes.sum()) + np.repeat(begins[:-1] + before - first, sizes)
    gram, context = np.empty((ORDER, len(at)), np.uint64), np.empty((ORDER, len(at)), np.uint64)
    past = np.zeros(len(at), np.uint64)
    for order in range(ORDER):
        context[order] = past
        gram[order] = mixed(past * np.uint64(31) + padded[at] + np.uint64(order + 1))
        past = mixed(past * np.uint64(37) + padded[at - order - 1] + np.uint64(1)) if order < before else past
    return _Grams(gram, context, np.repeat(np.arange(len(texts)), sizes))


def _next(
    chance: Floats, order: int, known: _Grams, weights: Floats, cluster: Ints, wanted: _Grams
) -> Floats:
    """The probability of each wanted character with one more character of context than `chance` has."""
    mine = np.flatnonzero(cluster >= 0)
    gram, gram_asked = _coded(known.gram[order], wanted.gram[order])
    context, context_asked = _coded(known.context[order], wanted.context[order])
    own, own_asked = _coded(_joint(gram[mine], cluster[mine]), _joint(gram_asked, wanted.text))
    within, within_asked = _coded(_joint(context[mine], cluster[mine]), _joint(context_asked, wanted.text))
    hits, own_hits = _sum(gram, weights, gram_asked), _sum(own, weights[mine], own_asked)
    times = _sum(context, weights, context_asked)[context_asked]
    own_times = _sum(within, weights[mine], within_asked)[within_asked]
    # one place for each gram, and for each that nobody else has
    place = _one_place(gram)
    own_place = _one_place(own)
    own_place = own_place[hits[gram[mine[own_place]]] <= own_hits[own[own_place]]]
    kinds = _sum(context[place], np.ones(len(place)), context_asked)[context_asked]
    own_kinds = _sum(within[own_place], np.ones(len(own_place)), within_asked)[within_asked]
    types = kinds - own_kinds
    mass = times - own_times + types
    others = hits[gram_asked] - own_hits[own_asked]
    finer: Floats = np.where(mass > 0, (others + types * chance) / np.maximum(mass, 1e-300), chance)
    return finer


def _coded(known: Hashes | Ints, asked: Hashes | Ints) -> tuple[Ints, Ints]:
    """Small whole numbers for values, the same for the same value. Arrow's hash table, not a sort: faster."""
    codes = pa.array(np.concatenate((known, asked))).dictionary_encode().indices
    both = np.asarray(codes, dtype=np.int64)
    return both[: len(known)], both[len(known) :]


def _joint(code: Ints, cluster: Ints) -> Ints:
    joint: Ints = code << 32 | cluster
    return joint


def _sum(code: Ints, weights: Floats, asked: Ints) -> Floats:
    """Weight of each code; 0 of codes that are only asked for."""
    size = max(code.max(initial=-1), asked.max(initial=-1)) + 1
    return np.bincount(code, weights, size).astype(np.float64)


def _one_place(code: Ints) -> Ints:
    """The place of one of the values of each code."""
    last = np.full(code.max(initial=-1) + 1, -1, np.int64)
    last[code] = np.arange(len(code))
    return last[last >= 0]
