"""Signal: accounts that one desk may run openly, from a program made for several accounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.table import Table

# part of a client's name -> how one post reaches several accounts with it
CLIENTS = {
    "tweetdeck": "columns of several accounts, one post to all of them",
    "hootsuite": "one post to several profiles",
    "buffer": "one queue for several channels",
    "sprout social": "one inbox and calendar for several profiles",
    "sprinklr": "one desk for the accounts of a company",
    "socialflow": "one desk for the accounts of a publisher",
    "echobox": "one desk for the accounts of a publisher",
    "meltwater": "one desk for several accounts",
    "agorapulse": "one inbox for several profiles",
    "spredfast": "one desk for the accounts of a company",
    "khoros": "one desk for the accounts of a company",
    "social report": "one desk for several accounts",
    "socialpilot": "one queue for several accounts",
    "zoho social": "one desk for several accounts",
    "coschedule": "one calendar for several accounts",
    "seesmic": "one post to several accounts",
    "ubersocial": "one post to several accounts",
}

TOGETHER = """
with acts as (
    select s.subject_kind, s.subject, s.account, p.post, p.client, date_trunc('second', p.time) as second
    from subjects s join posts p on p.account = s.account
    where p.resolution_s <= 2
),
shared as (
    select subject_kind, subject, second from acts
    group by subject_kind, subject, second having count(distinct account) > 1
)
select a.subject_kind, a.subject, coalesce(a.client, '') as client, count(*) as posts
from acts a join shared using (subject_kind, subject, second)
group by a.subject_kind, a.subject, client order by a.subject_kind, a.subject, client
"""


@dataclass(frozen=True)
class Desk:
    """Accounts that may be one desk posting to several accounts.

    What it sees
        The program behind the acts that fell into the same second: whether most of them came from one that
        is made to post to several accounts at once, such as TweetDeck or Hootsuite.

    Null model
        None: the value is the share of the same-second posts, with its Wilson 95 % interval.

    Innocent explanations
        It is one itself: an organisation that runs an account of its own and one of an event sends the same
        reshare from both with one click. The name of a client is set by its maker and says nothing of who
        sat in front of it.

    Example
        Two accounts reshare 11 posts in the very same second, 20 of those 22 acts by TweetDeck: "20 of 22
        posts in the same second came from TweetDeck, a program for several accounts".

    References
        Wilson 1927 (interval of a share).
    """

    name = "desk"

    share: Annotated[float, Meta(gt=0, le=1)] = option(
        0.6, "share of the same-second posts that must come from such programs"
    )

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """One note per subject most of whose same-second posts came from programs for several accounts."""
        posts: dict[tuple[str, str], Counter[str]] = {}
        bound = {"posts": tables["posts"], "subjects": Table("subjects", subjects)}
        for row in engine.query(TOGETHER, bound).to_pylist():
            posts.setdefault((row["subject_kind"], row["subject"]), Counter())[row["client"]] += row["posts"]
        rows = []
        for (kind, subject), clients in sorted(posts.items()):
            desks = {client: count for client, count in clients.items() if shared(client)}
            hits, total = sum(desks.values()), clients.total()
            if not desks or hits < self.share * total:
                continue
            named = " and ".join(sorted(desks, key=lambda one: (-desks[one], one)))
            says = (
                f"{hits} of {words.count(total, 'post')} in the same second came from {named}, "
                "made to post to several accounts at once: openly automated resharing or one desk "
                "behind several accounts looks like this."
            )
            rows.append(common.against((kind, subject), self.name, hits, total, says))
        return common.table(rows)


def shared(client: str) -> bool:
    """Whether a client's name is that of a program made to post to several accounts."""
    low = client.casefold()
    return any(part in low for part in CLIENTS)
