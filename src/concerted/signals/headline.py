"""Signal: the words are the headline of a link, which others post with the same words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.signals import _shared as behind
from concerted.table import Table
from concerted.traces.hosts import known

LINKED = """
select l.post, l.account, l.object as link from events l
where l.trace = 'link' and l.post in (select post from evidence where success and trace = 'text')
"""
OTHERS = """
select h.text, h.link, count(distinct l.account) as sharers, count(distinct t.account) as same
from headlines h
join events l on l.trace = 'link' and l.object = h.link
left join events t on t.trace = 'text' and t.object = h.text and t.post = l.post and t.account = l.account
where l.account not in (select account from subjects)
group by h.text, h.link
"""
PAIR = pa.schema([("text", pa.string()), ("link", pa.string())])


@dataclass(frozen=True)
class Headline:
    """Texts that come with their link.

    What it sees
        How many of the texts that members posted alike always came with one and the same link, and whether
        accounts outside the findings that shared these links wrote the same words. A text belongs to a link
        where more than 80 % of the members' posts with the text carry the link. Needs the traces text and
        link. Short links do not count: platforms and shorteners make a new one for each sharer, so whoever
        posts the same one copied it from a post, not from a page.

    Null model
        None: the values are the share of the texts and the share of the outside accounts, each with its
        Wilson 95 % interval. It speaks where both lower ends are above one half.

    Innocent explanations
        It is one itself: a page hands out its headline with its link, by a share button, a preview or a
        feed. The text then adds nothing to the link, so the two are one piece of evidence. The moment is
        not explained. Where nobody outside shared the links, it stays silent.

    Example
        Seven accounts post the same twelve headlines, each with its article. Of 140 other accounts that
        shared these articles, 122 wrote the headline as well.

    References
        Wilson 1927 (interval of a share).
    """

    name = "headline"

    share: Annotated[float, Meta(gt=0, lt=1)] = option(common.MOST, common.MOST_SAYS)
    agree: Annotated[float, Meta(ge=0.5, lt=1)] = option(
        0.8, "share of the posts of a text above which a link belongs to it"
    )

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note per subject. Reads `evidence` and `events` beside `posts`."""
        needed = {name: tables[name] for name in ("events", "evidence")}
        linked: dict[tuple[str, str], set[str]] = {}
        for row in engine.query(LINKED, needed).to_pylist():
            if page(row["link"]):
                linked.setdefault((row["post"], row["account"]), set()).add(row["link"])
        texts = behind.shared(subjects, tables, engine, texts=True)
        belongs = {
            subject: {key[1]: link for key, acts in own.items() if (link := self._link(acts, linked))}
            for subject, own in texts.items()
        }
        pairs = sorted({pair for own in belongs.values() for pair in own.items()})
        headlines = pa.Table.from_pylist([{"text": text, "link": link} for text, link in pairs], schema=PAIR)
        bound = {"headlines": Table("query", headlines), "subjects": Table("query", subjects), **needed}
        others = {
            (row["text"], row["link"]): (row["same"], row["sharers"])
            for row in engine.query(OTHERS, bound).to_pylist()
        }
        rows = []
        for subject, own in belongs.items():
            seen = [others.get(pair, (0, 0)) for pair in own.items()]
            same, sharers = sum(one[0] for one in seen), sum(one[1] for one in seen)
            total = len(texts[subject])
            if common.exceeds(len(own), total, self.share) and common.exceeds(same, sharers, self.share):
                says = (
                    f"{len(own):,} of {words.count(total, 'text')} posted alike always came with "
                    f"one link each, and {same:,} of {words.count(sharers, 'account')} outside the findings "
                    "that shared these links wrote the same words: a page hands out its headline with its "
                    "link. Text and link are one piece of evidence, not two; the moment is not explained."
                )
                rows.append(common.against(subject, self.name, len(own), total, says))
        return common.table(rows)

    def _link(self, acts: Iterable[behind.Act], linked: Mapping[tuple[str, str], set[str]]) -> str | None:
        posts = {(act.post or "", act.account) for act in acts}
        counted = Counter(link for post in posts for link in linked.get(post, ()))
        if not counted:
            return None
        link = min(counted, key=lambda one: (-counted[one], one))
        return link if counted[link] > self.agree * len(posts) else None


def page(link: str) -> bool:
    """Whether a link, as it is compared, leads to a page that can hand out a headline."""
    return not known(link.partition("/")[0].partition("?")[0]).unresolved
