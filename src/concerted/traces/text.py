"""Who posted which text when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import regex
from msgspec import Meta

from concerted.engines import Engine
from concerted.settings import option
from concerted.table import Table
from concerted.traces import LADDER
from concerted.traces.near.touches import LEAST_BITS, described, touches
from concerted.traces.work import RESHARED, UNNAMED, Traced, Work

# one such character says about as much as three letters
_DENSE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
LEAST_LETTERS = 12
LETTERS_PER_DENSE = 3
LETTERS_PER_UNSPACED_WORD = 3


def letters(text: str) -> int:
    """Length of a skeleton in letters; a Han, kana or Hangul character counts as three."""
    return len(text) if text.isascii() else len(text) + (LETTERS_PER_DENSE - 1) * len(_DENSE.findall(text))


def spoken(text: str) -> int:
    """Number of words in a skeleton; scripts without spaces count three characters as a word."""
    spaced = text if text.isascii() else _UNSPACED.sub(" ", text)
    unspaced = 0 if text.isascii() else len(_UNSPACED.findall(text))
    return len(spaced.split()) + -(-unspaced // LETTERS_PER_UNSPACED_WORD)


@dataclass(frozen=True)
class Text:
    """Accounts that post the same text.

    What it sees: the first time each account posted a text. Links, mentions, emoji, punctuation, accents,
    letter case, invisible characters and the values of numbers make no difference; escapes that exporters
    leave in texts are repaired first. Edited copies are the same text: another name in the sentence, words
    before or after it, halves changed round, a piece cut off. A copy must be like the wording that most
    accounts used, and agree with it without the hashtags, too; copies of copies do not chain. Works in
    every script and needs no language to be named. Texts that chance explains are left out and counted:
    very short ones, and those under 14 bits, which is measured by the file's other texts. Reshares, also old
    ones written as "RT @name", are left out, because the reshare trace counts them.

    Null model: the times of the other accounts that posted the same text, at the same distance from its
    first appearance; for texts that hardly anybody else posted, the accounts' own promptness.

    Innocent explanations: a headline carried by a share button, wire copy, a quotation, a verse or a song, a
    petition that asks to copy and paste, one owner of several accounts.

    Example: forty accounts post the same sentence about a court case within ten minutes, each with another
    name in front and another link behind.

    References: Pacheco, Flammini and Menczer 2020, "Unveiling coordinated groups behind White Helmets
    disinformation", WWW Companion; Broder 1997 (MinHash); Indyk and Motwani 1998 (bands); Hartigan 1975
    (leaders); Witten and Bell 1991 (surprise); Unicode Standard Annex 15; `methods` in the documentation for
    the rules of comparison.
    """

    # Why 12: the accounts of seven public collections without known operations were halved, and of the texts
    # that one account of the first half wrote, somebody in the other half wrote 10 % (26 of 251) below 12
    # letters, 2 % (42 of 2,111) from 12 to 39 and 0.5 % (of 14,714) above. What is common although longer
    # is judged by the null model, which knows how many accounts posted it.
    min_chars: Annotated[int, Meta(ge=0)] = option(
        LEAST_LETTERS, "letters a text must keep; Han, kana, Hangul count three"
    )
    min_bits: float = option(
        LEAST_BITS, "bits by which it must be improbable that somebody else writes a text by chance"
    )
    min_words: Annotated[int, Meta(ge=0)] = option(0, "words a text must keep; 0 leaves it to min_chars")

    name: ClassVar[str] = "text"
    horizons: ClassVar[tuple[tuple[int, int], ...]] = (*LADDER, (3600, 86400))
    needs: ClassVar[tuple[str, ...]] = ("text",)

    def long_enough(self, text: str) -> bool:
        """Whether a skeleton is long enough to be told from what people write alike by chance."""
        return letters(text) >= self.min_chars and (not self.min_words or spoken(text) >= self.min_words)

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of texts. Object: "text:" and the hash of the text that leads its cluster."""
        work = Work(self.name, posts, engine)
        work.left_out_where("reshares, which the reshare trace counts", RESHARED)
        work.left_out_where(
            "texts of files whose reshares copy them unnamed, which the reshare trace counts",
            f"not {RESHARED} and {UNNAMED}",
        )
        _warn(work)
        rows = work.batches(
            f"select post, account, time, resolution_s, file, text as label from posts "
            f"where not {RESHARED} and not {UNNAMED}"
        )
        touched = touches(work, rows, self.long_enough, self.min_bits)
        return described(work.finish([touched.rows]), touched.about)


def _warn(work: Work) -> None:
    unmarked = work.query(
        f"select file from posts group by file having count(text) > 0 "
        f"and sum(case when {RESHARED} then 1 else 0 end) = 0"
    )
    for file in sorted(str(one) for one in unmarked["file"].to_pylist()):
        work.say(
            "files without reshares",
            1,
            f"{file}: no post is marked as a reshare; should the export copy reshared texts without saying "
            "so, copies and reshares cannot be told apart",
            limit=True,
        )
