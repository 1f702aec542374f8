"""What has been read already: ids of posts, and which accounts belong to which platform."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources.frame import Flags, Numbers
from concerted.sources.hashing import hashes, seed_of
from concerted.sources.keys import Gathered, Keys
from concerted.sources.letters import letters, only, starts

# Ten long ids that two files share are no chance; a file may name many accounts that the other lacks.
_FEWEST, _SHARE = 10, 0.2
_OPAQUE = r"^.*\d.*$"
_LENGTH = 8
_DIGITS = 18
UNNAMED = "web"


class Known:
    """Post ids that are already read, and accounts by platform, of all files of a case.

    Up to 16 bytes of memory per post and 24 per account. Ids that are whole numbers of up to 18 digits are
    compared exactly, others by 63 bits of a hash: among ten million, two differing ids are taken for one with
    probability 5 in a million, and the ledger then shows the second as repeated. The hash is chosen by the
    first ids read, so that nobody who posts can make ids that are taken for one. `posts` has the columns
    platform and post, and maybe account; `accounts` platform and account.
    """

    def __init__(self, posts: pa.Table | None = None, accounts: pa.Table | None = None) -> None:
        self._posts: dict[str, Keys] = {}
        self._accounts: dict[str, Gathered] = {}
        self._seed: int | None = None
        if posts is not None:
            self.add(posts)
        if accounts is not None:
            self.add_accounts(accounts)

    def add(self, posts: pa.Table) -> Flags:
        """Adds posts (columns platform, post and maybe account); says which of them are new."""
        new: Flags = np.zeros(posts.num_rows, bool)
        for platform, mask in _by_platform(posts):
            mine = posts["post"] if mask.all() else posts["post"].filter(pa.array(mask))
            new[mask] = self._posts.setdefault(platform, Keys()).add(self._keys(mine))
        if "account" in posts.column_names:
            self.add_accounts(posts)
        return new

    def add_accounts(self, rows: pa.Table) -> None:
        """Takes up the accounts of rows with the columns platform and account."""
        for platform, mask in _by_platform(rows):
            named = rows["account"] if mask.all() else rows["account"].filter(pa.array(mask))
            self._accounts.setdefault(platform, Gathered()).add(self._keys(_own(named, platform)))

    def platform_of(self, rows: pa.Table) -> str:
        """The platform of rows that name none (columns platform and account): the only one under which a
        fifth of their accounts, ten at least, were read before, if their ids are no names.
        Empty where it cannot be told."""
        if not rows.num_rows or pc.unique(rows["platform"]).to_pylist() != [UNNAMED]:
            return ""
        named = _own(pc.unique(rows["account"]), UNNAMED)
        opaque = pc.and_(
            pc.match_substring_regex(named, _OPAQUE), pc.greater_equal(pc.utf8_length(named), _LENGTH)
        )
        named = named.filter(opaque)
        if len(named) < _FEWEST:
            return ""
        mine = self._keys(named)
        hits = {
            platform: int(known.has(mine).sum())
            for platform, known in self._accounts.items()
            if platform != UNNAMED
        }
        fit = [platform for platform, hit in hits.items() if hit >= max(_FEWEST, _SHARE * len(mine))]
        return fit[0] if len(fit) == 1 else ""

    def _keys(self, ids: pa.Array) -> Numbers:
        if isinstance(ids, pa.ChunkedArray):
            ids = ids.combine_chunks()
        ids = ids.fill_null("")
        if self._seed is None and len(ids):
            self._seed = seed_of(ids)
        return keys(ids, self._seed or 0)


def keys(ids: pa.Array, seed: int = 0) -> Numbers:
    """Ids as 64-bit keys: whole numbers as they are, anything else as a negative hash that `seed` chooses."""
    whole = _whole(ids)
    if whole.all():
        return np.array(ids.cast(pa.int64()))
    found = np.zeros(len(ids), np.int64)
    found[whole] = ids.filter(pa.array(whole)).cast(pa.int64())
    found[~whole] = ~(hashes(ids.filter(pa.array(~whole)), seed) >> np.uint64(1)).astype(np.int64)
    return found


def _whole(ids: pa.Array) -> Flags:
    """Which ids are whole numbers of up to 18 digits with no zero before them; most are known by a letter."""
    if not len(ids):
        return np.zeros(0, bool)
    at = starts(ids)
    size = np.diff(at)
    first = np.append(letters(ids), np.uint8(0))[at[:-1] - at[0]]
    whole: Flags = (size > 0) & (size <= _DIGITS) & (ord("1") <= first) & (first <= ord("9"))
    if whole.any() and not only(ids, "0", "9"):
        whole &= np.asarray(pc.match_substring_regex(ids, "^[0-9]+$")).astype(bool)
    return whole


def _by_platform(rows: pa.Table) -> list[tuple[str, Flags]]:
    platforms = rows["platform"]
    different = pc.unique(platforms).to_pylist()
    if len(different) == 1:
        return [(different[0] or "", np.ones(len(platforms), bool))]
    return [
        (platform or "", np.asarray(pc.equal(platforms, platform).fill_null(platform is None)).astype(bool))
        for platform in different
    ]


def _own(accounts: pa.Array, platform: str) -> pa.Array:
    """Accounts without their platform."""
    return pc.utf8_slice_codeunits(accounts.drop_null(), len(platform) + 1)
