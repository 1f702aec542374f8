"""How improbable it is that somebody else writes the same text by chance, in bits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from concerted.traces.near.shingles import Hashes, Ints, code_points, mixed

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

ORDER = 5  # characters the model looks at: four before the one it foretells
SCORED = 140  # characters of a text that are scored: beyond them it is improbable anyway
SAMPLE = 2_500_000  # characters the model is fitted on, about
_AT_ONCE = 20_000  # texts scored at once
_COMPARED = 1000  # of these, texts compared with their own clusters at once, to fit a processor's cache
_START, _END = 2, 3  # characters no text holds


class _Level(NamedTuple):
    """The characters of the fitted texts with some characters before them: the different grams and contexts,
    which of them each character has (shape (characters,)), how often each occurs, and how many different
    grams each context begins. The last of these is 0 and stands for all that do not occur."""

    grams: pa.Array
    contexts: pa.Array
    gram: Codes
    context: Codes
    hits: Floats
    times: Floats
    kinds: Floats


class _Own(NamedTuple):
    """Characters of the fitted texts that are in clusters asked about, by cluster: where, in which, how
    often."""

    places: Ints
    cluster: Ints
    weights: Floats

    def of(self, low: int, high: int) -> _Own:
        """Those of the clusters from `low` to below `high`."""
        part = slice(*np.searchsorted(self.cluster, (low, high)))
        return _Own(self.places[part], self.cluster[part], self.weights[part])


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
    fitted, levels = _grams(pc.utf8_slice_codeunits(texts.take(sampled), 0, SCORED))
    weights = weight[sampled][fitted]
    known = [_level(gram, context, weights) for gram, context in levels]
    alphabet = len(known[0].grams) + 1
    bits = np.zeros(len(asked))
    for low in range(0, len(asked), _AT_ONCE):
        some = asked[low : low + _AT_ONCE]
        text, levels = _grams(pc.utf8_slice_codeunits(texts.take(some), 0, SCORED))
        # own rows are told by the cluster, numbered as the texts asked are
        number = np.full(len(texts), -1, np.int64)
        number[some] = np.arange(len(some))
        own = _own(number[leader[sampled]][fitted], weights)
        chance = np.full(len(text), 1.0 / alphabet)
        for level, (grams, contexts) in zip(known, levels, strict=True):
            gram, context = _places(level.grams, grams), _places(level.contexts, contexts)
            chance = _next(chance, level, gram, context, _of_own(level, own, gram, context, text))
        bits[low : low + _AT_ONCE] = np.bincount(text, -np.log2(chance), len(some))
    surprising: Floats = bits - np.log2(uses.sum())
    return surprising


def _sample(texts: pa.Array, uses: Ints) -> Floats:
    """How often each text counts in the model: as often as it is used, or a fair share of that where the
    file is large. The remainder is told by rank, so that no random numbers are needed."""
    lengths = np.minimum(np.asarray(pc.utf8_length(texts), dtype=np.int64), SCORED)
    share = min(1.0, SAMPLE / float((uses * lengths).sum()))
    edges = np.floor(np.concatenate(([0.0], np.cumsum(uses * share))) + 1e-9)
    return np.diff(edges)


def _grams(texts: pa.Array) -> tuple[Ints, Iterator[tuple[Hashes, Hashes]]]:
    """Which text each character is in, and per order the hashes of its gram and of its context. Shapes
    (characters,)."""
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

    def levels() -> Iterator[tuple[Hashes, Hashes]]:
        past = np.zeros(len(at), np.uint64)
        for order in range(ORDER):
            yield mixed(past * np.uint64(31) + padded[at] + np.uint64(order + 1)), past
            if order < before:
                past = mixed(past * np.uint64(37) + padded[at - order - 1] + np.uint64(1))

    return np.repeat(np.arange(len(texts)), sizes), levels()


def _level(gram: Hashes, context: Hashes, weights: Floats) -> _Level:
    grams, gram_code = _coded(gram)
    contexts, context_code = _coded(context)
    place = _one_place(gram_code)
    return _Level(
        grams,
        contexts,
        gram_code,
        context_code,
        _sum(gram_code, weights, len(grams) + 1),
        _sum(context_code, weights, len(contexts) + 1),
        _sum(context_code[place], None, len(contexts) + 1),
    )


def _own(cluster: Ints, weights: Floats) -> _Own:
    places = np.flatnonzero(cluster >= 0)
    places = places[np.argsort(cluster[places], kind="stable")]
    return _Own(places, cluster[places], weights[places])


def _of_own(known: _Level, own: _Own, gram: Codes, context: Codes, text: Ints) -> Floats:
    """What of hits, times and kinds is of the own cluster of wanted characters. Shape (3, characters). `gram`
    and `context` are their places among the known ones, `text` is the text they are in."""
    last = int(text[-1]) + 1
    has = np.zeros(last, np.bool_)
    has[own.cluster] = True
    asked = np.flatnonzero(has[text])
    counts = np.zeros((3, len(text)))
    edges = range(0, last + _COMPARED, _COMPARED)
    for (low, high), (begin, end) in zip(
        pairwise(edges), pairwise(np.searchsorted(text[asked], edges)), strict=True
    ):
        part = asked[begin:end]
        counts[:, part] = _counts(known, own.of(low, high), gram[part], context[part], text[part])
    return counts


def _counts(known: _Level, own: _Own, gram: Codes, context: Codes, text: Ints) -> tuple[Floats, ...]:
    mine = known.gram[own.places]
    of_gram, of_gram_asked = _own_coded(mine, gram, own.cluster, text)
    of_context, of_context_asked = _own_coded(known.context[own.places], context, own.cluster, text)
    hits = _sum(of_gram, own.weights, of_gram_asked.max(initial=-1) + 1)
    size = of_context_asked.max(initial=-1) + 1
    times = _sum(of_context, own.weights, size)
    # one place for each gram that nobody else has
    place = _one_place(of_gram)
    place = place[known.hits[mine[place]] <= hits[of_gram[place]]]
    kinds = _sum(of_context[place], None, size)
    return hits[of_gram_asked], times[of_context_asked], kinds[of_context_asked]


def _next(chance: Floats, known: _Level, gram: Codes, context: Codes, own: Floats) -> Floats:
    """The probability of each wanted character with one more character of context than `chance` has; what is
    of its own cluster (hits, times, kinds) does not count."""
    hits, times, kinds = own
    types = known.kinds[context] - kinds
    mass = known.times[context] - times + types
    others = known.hits[gram] - hits
    finer: Floats = np.where(mass > 0, (others + types * chance) / np.maximum(mass, 1e-300), chance)
    return finer


def _coded(values: Hashes | Ints) -> tuple[pa.Array, Codes]:
    """The different values, and the place of each among them. Arrow's hash table, not a sort: faster."""
    coded = pa.array(values).dictionary_encode()
    return coded.dictionary, np.asarray(coded.indices)


def _places(known: pa.Array, asked: Hashes) -> Codes:
    """The place of each value asked among the known ones, -1 where it is none of them."""
    return np.asarray(pc.fill_null(pc.index_in(pa.array(asked), known), -1))


def _own_coded(known: Codes, asked: Codes, cluster: Ints, text: Ints) -> tuple[Codes, Codes]:
    """Small whole numbers for (place, cluster) and (place, text), the same for the same."""
    _, both = _coded(np.concatenate((_joint(known, cluster), _joint(asked, text))))
    return both[: len(known)], both[len(known) :]


def _joint(code: Codes, cluster: Ints) -> Ints:
    joint: Ints = code.astype(np.int64) << 32 | cluster
    return joint


def _sum(code: Codes, weights: Floats | None, size: int) -> Floats:
    """Weight of each code, or how often it occurs."""
    return np.bincount(code, weights, size).astype(np.float64)


def _one_place(code: Codes) -> Ints:
    """The place of one of the values of each code."""
    last = np.full(code.max(initial=-1) + 1, -1, np.int64)
    last[code] = np.arange(len(code))
    return last[last >= 0]
