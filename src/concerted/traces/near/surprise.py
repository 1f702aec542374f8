"""How improbable it is that somebody else writes the same text by chance, in bits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from concerted.traces.near.shingles import Hashes, Ints, code_points, mixed

Floats = npt.NDArray[np.float64]

ORDER = 5  # characters the model looks at: four before the one it foretells
SCORED = 80  # characters of a text that are scored: beyond them it is improbable anyway
SAMPLE = 50_000  # texts the model is fitted on, at most
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
    total = float(uses.sum())
    weight = _sample(texts, uses, total)
    sampled = np.flatnonzero(weight)
    known = _grams(pc.utf8_slice_codeunits(texts.take(sampled), 0, SCORED))
    wanted = _grams(pc.utf8_slice_codeunits(texts.take(asked), 0, SCORED))
    weights = weight[sampled][known.text]
    # own rows are told by the cluster, numbered as the texts asked are; everybody else has number -1
    number = np.full(len(texts), -1, np.int64)
    number[asked] = np.arange(len(asked))
    cluster = number[leader[sampled]][known.text]
    alphabet = len(np.unique(known.gram[0])) + 1
    chance = np.full(len(wanted.text), 1.0 / alphabet)
    for order in range(ORDER):
        chance = _next(chance, order, known, weights, cluster, wanted)
    bits: Floats = np.bincount(wanted.text, -np.log2(chance), len(asked)) - np.log2(total)
    return bits


def _sample(texts: pa.Array, uses: Ints, total: float) -> Floats:
    """How often each text counts in the model: as often as it is used, or a fair share of that where the
    file is large. The remainder is told by rank, so that no random numbers are needed."""
    share = min(1.0, SAMPLE / total)
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
    gram, context = known.gram[order], known.context[order]
    grams, first, place = np.unique(gram, return_index=True, return_inverse=True)
    count: Floats = np.bincount(place, weights).astype(np.float64)
    of, contexts = context[first], np.unique(context)
    slot = np.searchsorted(contexts, of)
    seen: Floats = np.bincount(slot, count).astype(np.float64)
    kinds: Floats = np.bincount(slot).astype(np.float64)
    # what of that is the cluster's own
    mine = cluster >= 0
    owned = _own(grams[place[mine]], cluster[mine], weights[mine])
    own_context = _own(context[mine], cluster[mine], weights[mine])
    whole = _look(grams, count, owned.item) <= owned.weight  # nobody else has that gram
    own_kinds = _own(
        of[np.searchsorted(grams, owned.item[whole])], owned.cluster[whole], np.ones(whole.sum())
    )
    g, h, c = wanted.gram[order], wanted.context[order], wanted.text
    hits = _look(grams, count, g) - owned.at(g, c)
    times = _look(contexts, seen, h) - own_context.at(h, c)
    types = _look(contexts, kinds, h) - own_kinds.at(h, c)
    mass = times + types
    finer: Floats = np.where(mass > 0, (hits + types * chance) / np.maximum(mass, 1e-300), chance)
    return finer


class _Own(NamedTuple):
    """Counts of (item, cluster), sorted by a hash of both."""

    both: Hashes
    item: Hashes
    cluster: Ints
    weight: Floats

    def at(self, item: Hashes, cluster: Ints) -> Floats:
        return _look(self.both, self.weight, _joint(item, cluster))


def _own(item: Hashes, cluster: Ints, weights: Floats) -> _Own:
    both, first, place = np.unique(_joint(item, cluster), return_index=True, return_inverse=True)
    counted = np.bincount(place, weights, len(both)).astype(np.float64)
    return _Own(both, item[first], cluster[first], counted)


def _joint(item: Hashes, cluster: Ints) -> Hashes:
    # times an odd number, or it would meet the hashes of characters, which are made from small numbers too
    return mixed(item ^ mixed(cluster.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)))


def _look(keys: Hashes, values: Floats, wanted: Hashes) -> Floats:
    """The value of each wanted key, 0 where it is unknown."""
    if not len(keys):
        return np.zeros(len(wanted))
    at = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return np.where(keys[at] == wanted, values[at], 0.0)
