"""Signal: accounts that say of themselves that a program posts for them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.table import Table

# words that declare a program -> language or reason; matched as whole words, case ignored
DECLARED = {
    "bot": "English and most languages with Latin script",
    "bots": "plural",
    "robot": "English, French, Spanish, Polish, Turkish",
    "automated": "English",
    "automatic": "English",
    "automatically": "English",
    "autopost": "English",
    "autotweet": "English",
    "auto-retweet": "English",
    "newsbot": "English",
    "retweetbot": "English",
    "rtbot": "English",
    "feed": "English: an account that repeats a feed",
    "rss": "a feed by its format",
    "automatisiert": "German",
    "automatisch": "German, Dutch",
    "automatisé": "French",
    "automatique": "French",
    "automatizado": "Spanish, Portuguese",
    "automatizada": "Spanish, Portuguese",
    "automático": "Spanish, Portuguese",
    "automatico": "Italian",
    "automatizzato": "Italian",
    "otomatis": "Indonesian",
    "otomatik": "Turkish",
    "бот": "Russian, Ukrainian, Bulgarian",
    "автоматический": "Russian",
    "автоматично": "Ukrainian",
    "بوت": "Arabic",
    "آلي": "Arabic",
    "ربات": "Persian",
    "บอท": "Thai",
    "自動投稿": "Japanese: posts by itself",
    "自動ツイート": "Japanese: posts by itself",
    "自動發文": "Chinese (traditional): posts by itself",
    "自动发布": "Chinese (simplified): posts by itself",
    "ボット": "Japanese",
    "봇": "Korean",
    "자동": "Korean",
    "बॉट": "Hindi",
}
# scripts written without spaces, where a word has no boundary to look for
UNSPACED = frozenset({"บอท", "自動投稿", "自動ツイート", "自動發文", "自动发布", "ボット", "봇", "자동"})
# people call what they post there themselves "our Twitter feed"
OWN_FEED = re.compile(r"\b(?:twitter|facebook|instagram|social media) feed\b")

# part of a client's name -> why it means that a program posts
CLIENTS = {
    "ifttt": "runs rules without a person",
    "dlvr.it": "repeats feeds",
    "twitterfeed": "repeats feeds",
    "zapier": "runs rules without a person",
    "make.com": "runs rules without a person",
    "integromat": "runs rules without a person",
    "microsoft power platform": "runs rules without a person",
    "cheapbots": "hosts bots",
    "cheap bots": "hosts bots",
    "roundteam": "reshares by rule",
    "feedburner": "repeats feeds",
    "wordpress": "announces new articles by itself",
    "hootsuite": "scheduler",
    "buffer": "scheduler",
    "tweetdeck scheduler": "scheduler",
    "socialoomph": "scheduler",
    "recurpost": "scheduler",
    "smarterqueue": "scheduler",
    "sprout social": "scheduler",
    "postcron": "scheduler",
    "twittbot": "hosts bots",
    "botize": "hosts bots",
    "autotweet": "posts by rule",
    "autopost": "posts by rule",
    "auto retweet": "reshares by rule",
    "retweet": "reshares by rule",
    "rss": "repeats feeds",
}
BOT_NAME = re.compile(r"bots?(?![a-z])|(?<![a-z])bot", re.IGNORECASE)
# clients for people that are called so
NO_BOTS = ("tweetbot",)
LABELS = re.compile(r"automat|\bbot\b", re.IGNORECASE)

POSTED = """
select account, client, count(*) as posts from posts
where client is not null and account in (select account from named) group by account, client
"""
SEEN = """
select distinct account, handle, name, bio, platform_label from accounts
where account in (select account from named)
"""


@dataclass(frozen=True)
class Automation:
    """Accounts that are openly run by a program.

    What it sees
        A platform's label for automated accounts; words such as "bot", "automated" or "feed" in handle,
        name or profile text, in several languages; and accounts most of whose posts came from a program
        that posts by rule, repeats feeds or schedules. It counts how many members declare it in any of
        these ways and says in which.

    Null model
        None: the value is the share of members, with its Wilson 95 % interval.

    Innocent explanations
        It is one itself. Programs that repeat a feed act at the same moment without any plan to deceive;
        that is why the note leans against. A profile text can be written by anybody, also as a joke, and
        the name of a client is set by its author, so the note removes nothing.

    Example
        Four accounts reshare every post with a conference's hashtag in the same second. Three say "bot" in
        their profile, all four post through IFTTT: "4 of 4 accounts declare automation (profile 3, client
        4: IFTTT)".

    References
        Wilson 1927 (interval of a share); Gorwa & Guilbeault 2020 (what is called a bot).
    """

    name = "automation"

    share: Annotated[float, Meta(gt=0, le=1)] = option(
        0.5, "share of an account's posts that must come from such a client"
    )

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """One note per subject in which any member declares automation."""
        named = {"named": Table("named", subjects.select(["account"]))}
        how: dict[str, set[str]] = {}
        for row in engine.query(SEEN, {"accounts": tables["accounts"], **named}).to_pylist():
            how.setdefault(row["account"], set()).update(declared(row))
        clients = self._clients(engine.query(POSTED, {"posts": tables["posts"], **named}).to_pylist())
        rows = []
        for kind, subject, accounts in common.members(subjects):
            label = [a for a in accounts if "platform label" in how.get(a, ())]
            profile = [a for a in accounts if "profile" in how.get(a, ())]
            client = [a for a in accounts if a in clients]
            hits, total = len({*label, *profile, *client}), len(accounts)
            if not hits:
                continue
            declare = "declares" if hits == 1 else "declare"
            ways = [
                f"{len(some)} by {what}"
                for what, some in (("platform label", label), ("profile", profile))
                if some
            ]
            if client:
                ways.append(f"{len(client)} by client: {', '.join(sorted({clients[a] for a in client}))}")
            says = (
                f"{hits} of {words.count(total, 'account')} openly {declare} automation "
                f"({'; '.join(ways)}): programs act at the same moment without any plan to deceive."
            )
            rows.append(common.against((kind, subject), self.name, hits, total, says))
        return common.table(rows)

    def _clients(self, rows: list[dict[str, Any]]) -> dict[str, str]:
        """account -> the client by which a program posts for it, where those make up `share` of its posts."""
        total: Counter[str] = Counter()
        by_rule: dict[str, Counter[str]] = {}
        for row in rows:
            total[row["account"]] += row["posts"]
            if automatic(row["client"]):
                by_rule.setdefault(row["account"], Counter())[row["client"]] += row["posts"]
        return {
            account: min(found, key=lambda client: (-found[client], client))
            for account, found in by_rule.items()
            if found.total() >= self.share * total[account]
        }


def automatic(client: str) -> bool:
    """Whether a client's name is that of a program that posts by rule or schedule."""
    low = client.casefold()
    if low.startswith(NO_BOTS):
        return False
    return any(part in low for part in CLIENTS) or bool(BOT_NAME.search(client))


def declared(profile: Mapping[str, Any]) -> set[str]:
    """How a profile declares automation: "platform label", "profile", both or neither."""
    how = set()
    if LABELS.search(profile["platform_label"] or ""):
        how.add("platform label")
    text = " ".join(profile[field] or "" for field in ("name", "bio")).casefold()
    text = OWN_FEED.sub("", text)
    spaced = set(re.findall(r"[\w-]+", text))
    if any(word in spaced or (word in UNSPACED and word in text) for word in DECLARED):
        how.add("profile")
    if re.search(r"(?:^|[_.\d-])bot|bot(?:$|[_.\d-])|Bot(?:$|[A-Z_\d])", profile["handle"] or ""):
        how.add("profile")
    return how
