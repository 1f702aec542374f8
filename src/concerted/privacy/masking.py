"""Exchanges names of accounts and posts inside strings for pseudonyms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath

from concerted.privacy.phrases import Phrases

MARKED = re.compile("⟦(.*?)⟧", re.DOTALL)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
MENTION = re.compile(r"(?<![\w/])[@＠](\w[\w.]*\w|\w)(?:@[\w-]+(?:\.[\w-]+)+)?")
# hosts whose first path segment (after the given prefixes) names an account
PROFILE = re.compile(
    r"(?P<host>(?:\b(?:www|mobile|m|web|old|n)\.)?\b(?:x|twitter|facebook|instagram|threads|tiktok|youtube|t|telegram"
    r"|vk|ok|reddit|truthsocial|gab|gettr|parler|linkedin|medium|bsky|weibo|pinterest|tumblr|snapchat|twitch|rumble)"
    r"\.(?:com|net|me|ru|social|app|tv)/(?:(?:\#!|s|u|user|users|c|channel|profile|in|company|add|people|groups|pg"
    r"|intent/user\?screen_name=)/?)*)(?P<handle>@?[\w.%-]+)(?P<rest>(?:/[\w.%?&=#+~:-]*)*)",
    re.IGNORECASE,
)
FEDIVERSE = re.compile(r"(?P<host>\b[\w-]+(?:\.[\w-]+)+/)@(?P<handle>[\w.]+(?:@[\w.-]+)?)(?P<rest>(?:/\w*)*)")
PLACES = frozenset(
    {
        *("hashtag", "search", "explore", "home", "i", "watch", "share", "sharer", "sharer.php", "intent"),
        *("status", "web", "story.php", "photo", "photo.php", "permalink.php", "playlist", "results", "p"),
        *("shorts", "feed", "login", "about", "privacy", "reel", "tv", "embed", "events", "marketplace", "r"),
    }
)
POST = re.compile(r"\d{6,}|(?<=/)[\w-]{9,}")
WORD = re.compile(r"\w+")
DIGITS = re.compile(r"\d{5,}")
# outside addresses a number this long is the id of a post or account
NUMBERED = re.compile(r"(https?://\S+)|\d{15,}")
LONG = re.compile(r"\d{12,}")
SHORTEST = 5
CONTROL = re.compile("[\x00\ud800-\udfff]")


class Mask:
    """Knows which names belong to which pseudonym.

    Inside strings pseudonyms stand in brackets and without @: T01 may be somebody's handle, [T01] is not.

    `names` maps accounts and "@handle" to pseudonyms, `ids` account ids to accounts, `posts` holds ids of
    posts. Accounts in `open` keep handles and ids inside texts; everywhere else pseudonyms stand.
    """

    def __init__(
        self, names: Mapping[str, str], open_: set[str], ids: Mapping[str, str], posts: set[str]
    ) -> None:
        self._accounts = {key: name for key, name in names.items() if not key.startswith("@")}
        self._others = sum(name.startswith("T") for name in self._accounts.values())
        shown = {self._accounts[account] for account in open_}
        self._handles = {key[1:].casefold(): name for key, name in names.items() if key.startswith("@")}
        # an account that a shared copy already calls by its pseudonym needs no exchange inside texts
        full = {account: name for account, name in self._accounts.items() if account != name}
        bare = {account.partition(":")[2].casefold(): name for account, name in full.items()}
        bare |= {name.casefold(): self._accounts[own] for name, own in ids.items() if own in self._accounts}
        self._bare = bare | self._handles
        self._words = {word: name for word, name in self._bare.items() if _distinct(word)}
        self._shown = {handle for handle, name in self._handles.items() if name in shown}
        self._posts = {post.casefold() for post in posts if len(post) >= SHORTEST}
        odd = [word for word in {*self._words, *self._posts} if not WORD.fullmatch(word)]
        self._full = {account.casefold(): name for account, name in full.items()}
        odd += self._full
        self._odd = Phrases(odd)
        platforms = {account.partition(":")[0] for account in self._accounts if ":" in account}
        # a platform and an id make an account of ours, whether the findings show it or not
        self._account = re.compile(
            rf"(?<!⟦)\b(?:{'|'.join(map(re.escape, sorted(platforms))) or '(?!)'}):[^\s,;|⟧]+"
        )
        self._strangers: dict[str, str] = {}
        self._named: dict[str, str] = {}
        self._texts: dict[tuple[str, bool], str] = {}

    def clean(self, text: str) -> str:
        """Without NUL and halves of surrogate pairs, which no format can carry."""
        return CONTROL.sub("", text)

    def account(self, account: str) -> str:
        """The pseudonym of an account; a new one for a stranger."""
        if account in self._accounts:
            return self._accounts[account]
        return self._stranger(account.partition(":")[2] or account)

    def sentence(self, text: str) -> str:
        """A sentence of ours."""
        return LONG.sub("…", self.text(text, handles=False))

    def label(self, text: str) -> str:
        """The label of an object that is a post or an account, known or not."""
        return self.sentence(self._account.sub(lambda found: f"⟦{found[0]}⟧", text))

    def text(self, text: str, handles: bool = True) -> str:
        """A post's text or an address. `handles` lets it keep those of accounts that are shown."""
        # evidence shows what many reshared once for each two of them
        if (text, handles) not in self._texts:
            self._texts[text, handles] = self._text(text, handles)
        return self._texts[text, handles]

    def _text(self, text: str, handles: bool) -> str:
        marked: list[str] = []

        def put_by(found: re.Match[str]) -> str:
            marked.append(self.account(found[1]))
            return f"\x00{len(marked) - 1}\x00"

        shown = self._shown if handles else set()
        text = MARKED.sub(put_by, self.clean(text))
        text = EMAIL.sub("[e-mail address]", text)
        text = PROFILE.sub(lambda found: self._profile(found, shown), text)
        text = FEDIVERSE.sub(lambda found: self._profile(found, shown), text)
        text = MENTION.sub(lambda found: self._mention(found, shown), text)
        text = self._odd.exchange(text, self._known)
        text = WORD.sub(lambda found: self._word(found, shown), text)
        text = DIGITS.sub(lambda found: self._known(found[0]), text)
        text = NUMBERED.sub(lambda found: found[1] or "…", text)
        return re.sub("\x00(\\d+)\x00", lambda found: marked[int(found[1])], text)

    def name(self, text: str) -> str:
        """A file's name or a setting: without folders, without names of accounts."""
        if text not in self._named:
            self._named[text] = self._name(self.clean(text))
        return self._named[text]

    def _name(self, text: str) -> str:
        if text.startswith(("/", "~", "./", "../")):
            text = PurePosixPath(text).name
        elif re.match(r"[A-Za-z]:[\\/]|\\\\", text):
            text = PureWindowsPath(text).name
        known = {**self._words, **self._full}
        for word in sorted(known, key=lambda word: (-len(word), word)):
            if word in text.casefold():
                text = re.sub(re.escape(word), known[word], text, flags=re.IGNORECASE)
        return text

    def _stranger(self, name: str) -> str:
        key = name.casefold()
        if key not in self._strangers:
            self._strangers[key] = f"T{self._others + len(self._strangers) + 1:02d}"
        return self._strangers[key]

    def _known(self, word: str) -> str:
        low = word.casefold()
        name = self._full.get(low) or self._words.get(low)
        if name:
            return f"[{name}]"
        return "…" if low in self._posts else word

    def _word(self, found: re.Match[str], shown: set[str]) -> str:
        return found[0] if found[0].casefold() in shown else self._known(found[0])

    def _handle(self, handle: str) -> str:
        low = handle.casefold()
        return self._bare.get(low) or self._stranger(handle)

    def _mention(self, found: re.Match[str], shown: set[str]) -> str:
        handle = found[1].rstrip(".")
        if handle.casefold() in shown:
            return found[0]
        return f"[{self._handle(handle)}]{found[1][len(handle) :]}"

    def _profile(self, found: re.Match[str], shown: set[str]) -> str:
        handle = found["handle"].lstrip("@")
        if handle.casefold() in PLACES or handle.casefold() in shown:
            return found[0]
        rest = POST.sub("…", found["rest"])
        return f"{found['host']}[{self._handle(handle)}]{rest}"


def _distinct(name: str) -> bool:
    """Whether a name without @ is hardly an ordinary word or count."""
    return len(name) >= 10 or (len(name) >= SHORTEST and any(c.isdigit() or not c.isalpha() for c in name))
