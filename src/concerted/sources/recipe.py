"""A recipe: which input columns become which of ours, and what a file's family declares about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from concerted.sources.frame import Frame

# Roles a column can play. Those of posts and accounts carry the names of these tables; `posts` of accounts
# is `statuses` here. The others tell apart what in `posts` is one column, or are joined to one.
PARENTS = ("reshare", "reply", "quote")
LISTS = ("urls", "tags", "mentions")
PROFILE = (
    "handle", "name", "bio", "opened", "followers", "following", "statuses", "avatar", "status",
    "status_time", "platform_label",
)  # fmt: skip
FLAGS = ("is_reshare", "is_reply", "is_quote")


@dataclass(frozen=True)
class Options:
    """What a user may tell about files; each empty where it is to be found from content.

    `map`: columns of `posts` and `accounts` -> columns of the input; an empty value switches a column off.
    """

    map: Mapping[str, str] = field(default_factory=dict)
    timezone: str = ""
    time_format: str = ""
    platform: str = ""
    skip_damaged: bool = False


@dataclass(frozen=True)
class Recipe:
    """How to read one file.

    `columns`: role -> input columns; of several, the first that is not missing counts, of lists all.
    `zone`, `unit`, `order`: declared by the family for times. `platform` of all rows where there is no such
    column. `snowflakes`: ids are X ids, their time is the finest clock. `merge`: several rows make one post.
    `profiles`: rows are accounts, not posts. `prepared` adds columns to each
    frame, `reads` names those it needs. `within` joins short ids to the account: Telegram counts
    messages per channel. `zero_ids`: 0 is an id like any other. `anonymous`: posts without an account stay,
    for exports that name no author. `notes`: what people must know about this file.
    """

    columns: Mapping[str, tuple[str, ...]]
    zone: str = ""
    unit: str = ""
    order: str = ""
    platform: str = "web"
    snowflakes: bool = False
    merge: bool = False
    profiles: bool = False
    within: bool = False
    zero_ids: bool = False
    anonymous: bool = False
    prepared: Callable[[Frame], Frame] | None = None
    reads: tuple[str, ...] = ()
    hash_kind: str = ""
    notes: tuple[str, ...] = ()

    def wanted(self) -> frozenset[str]:
        """All input columns that are read."""
        named = {name for names in self.columns.values() for name in names}
        return frozenset(named | set(self.reads))

    def has(self, role: str) -> bool:
        """Whether a role is filled."""
        return bool(self.columns.get(role))

    def shown(self) -> list[str]:
        """Which input column became which, as account=user."""
        return [f"{_SHOWN.get(role, role)}={name}" for role, names in self.columns.items() for name in names]


_SHOWN = {
    "reshare": "parent (reshare)", "reply": "parent (reply)", "quote": "parent (quote)",
    "reshare_account": "parent_account (reshare)", "reply_account": "parent_account (reply)",
    "quote_account": "parent_account (quote)", "statuses": "posts (of the account)",
    "is_reshare": "kind (reshare)", "is_reply": "kind (reply)", "is_quote": "kind (quote)",
}  # fmt: skip
