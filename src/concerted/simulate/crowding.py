"""The innocent crowd."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from concerted import schema
from concerted.errors import SettingError
from concerted.simulate import habits, words
from concerted.simulate.model import START, TRUTH, Simulation, in_order
from concerted.simulate.people import DAY, Indices, Numbers, People, people


def crowd(
    seed: int = 1,
    *,
    accounts: int = 800,
    days: int = 28,
    acts: float = 25.0,
    topics: int = 20,
    links: float = 0.3,
    replies: float = 0.1,
    breaking: float = 0.05,
    short_lives: float = 0.35,
    fandoms: int = 0,
    influencers: int = 0,
    meetings: int = 0,
    automated: int = 0,
    scheduled: int = 0,
    events: int = 0,
    digests: int = 0,
    reaction_s: float = 240.0,
    clock_s: int = 1,
) -> Simulation:
    """People who act together no more than chance explains, though they give every appearance of it.

    Activity varies a hundredfold; people follow topics and authors, live in time zones, look in a few times
    a day, some at once when an author they follow posts; news spreads in minutes; accounts come and go.
    `acts` is the mean number of reshares, link posts and replies of an account; `links`, `replies` and
    `breaking` are shares in 0..1. `fandoms`, `influencers`, `meetings`, `automated`, `scheduled`, `events`
    and `digests` count innocent groups that do act at the same time: fans of one account, audiences of 60
    that follow within minutes (the median is `reaction_s` seconds), weekly online meetings of 120, feeds that
    pass on one author at once or on the next fifth minute, evenings on which a hundred watch one event,
    newsletters that tell 80 readers once a week of what is days old.
    `clock_s` is the step of the clock in seconds.

    Raises SettingError where the numbers leave no crowd.
    """
    if accounts < 50 or days < 2 or acts <= 0 or topics < 1 or clock_s < 1 or reaction_s <= 0:
        raise SettingError(
            "a crowd needs at least 50 accounts, 2 days, 1 topic, some acts, a reaction after more than 0 s "
            "and a clock of whole seconds"
        )
    rng = np.random.default_rng([seed, 1])
    folk = people(rng, accounts, days, topics, len(words.LANGUAGES), short_lives)
    kind = np.full(accounts, "person", dtype=object)

    weight = folk.interest * rng.pareto(1.2, accounts)[:, None]
    count = 2 * accounts
    topic = rng.integers(0, topics, count)
    author = np.array([rng.choice(accounts, p=weight[:, z] / weight[:, z].sum()) for z in topic])
    idols = rng.choice(accounts, fandoms, replace=False)
    extra = np.repeat(idols, 60)
    author = np.concatenate([author, extra]).astype(np.int64)
    topic = np.concatenate([topic, folk.interest.argmax(axis=1)[extra]]).astype(np.int64)
    objects = habits.Objects(topic, author, habits.births(rng, folk, author, days))
    shows = []
    for _ in range(events):
        objects, things = habits.staged(rng, objects, days)
        shows.append(things)

    parts = [habits.interest(rng, folk, objects, acts, breaking)]
    for idol in idols:
        members = rng.choice(accounts, min(80, accounts // 4), replace=False)
        kind[members] = "fan"
        parts.append(habits.fans(rng, folk, objects, members, int(idol)))
    for _ in range(influencers):
        picked = rng.choice(accounts, min(61, accounts // 4), replace=False)
        kind[picked[1:]], kind[picked[0]] = "audience", "influencer"
        parts.append(habits.audience(rng, objects, int(picked[0]), picked[1:], 40, reaction_s))
    for _ in range(meetings):
        members = rng.choice(accounts, min(120, accounts // 4), replace=False)
        kind[members] = "regular"
        parts.append(habits.meeting(rng, objects, members, days))
    machines = rng.choice(accounts, automated, replace=False)
    busiest = np.argsort(-np.bincount(author, minlength=accounts), kind="stable")
    kind[machines] = "automated"
    parts.append(habits.feeds(rng, objects, machines, busiest[np.arange(automated) // 2 % 5]))
    parts += [habits.live(rng, folk, objects, things, 100) for things in shows]
    if scheduled:
        others = np.nonzero(kind == "person")[0]
        clocked = rng.choice(others, min(scheduled, len(others)), replace=False)
        kind[clocked] = "scheduled"
        parts.append(habits.feeds(rng, objects, clocked, busiest[np.arange(len(clocked)) // 2 % 5], 300.0))

    for _ in range(digests):
        members = rng.choice(accounts, min(80, accounts // 4), replace=False)
        kind[members] = "reader"
        parts.append(habits.digest(rng, objects, members, days))

    who, what, when = (np.concatenate(part) for part in zip(*parts, strict=True))
    seen = (who != objects.author[what]) & (when < days * DAY)
    who, what, when = who[seen], what[seen], when[seen]
    who, what, when = _first_touch(who, what, np.floor(when / clock_s) * clock_s)
    return Simulation(
        _posts(rng, folk, objects, who, what, when, links, replies, clock_s),
        _accounts(rng, folk, kind),
        pa.table([_names(np.arange(accounts)), [None] * accounts, kind.tolist()], schema=TRUTH),
        seed,
        days,
    )


def _first_touch(who: Indices, what: Indices, when: Numbers) -> tuple[Indices, Indices, Numbers]:
    order = np.lexsort((when, what, who))
    who, what, when = who[order], what[order], when[order]
    first = np.append(True, (who[1:] != who[:-1]) | (what[1:] != what[:-1]))
    return who[first], what[first], when[first]


def _names(numbers: Indices) -> list[str]:
    return [f"web:u{number:05d}" for number in numbers.tolist()]


def _posts(
    rng: np.random.Generator,
    folk: People,
    objects: habits.Objects,
    who: Indices,
    what: Indices,
    when: Numbers,
    links: float,
    replies: float,
    clock_s: int,
) -> pa.Table:
    count = len(objects.topic)
    page = rng.random(count) < links
    language = folk.language[objects.author]
    headline = np.empty(count, dtype=object)
    for number, lang in enumerate(words.LANGUAGES):
        mine = np.nonzero(language == number)[0]
        headline[mine] = words.sentences(rng, lang, len(mine))
    tagged = rng.random(count) < 0.25
    born = np.floor(objects.birth / clock_s) * clock_s

    # a page shared before it exists, or a reshare older than its post, would be no innocent crowd
    when = np.maximum(when, born[what] + clock_s)
    answer = ~page[what] & (rng.random(len(who)) < replies)
    button = rng.random(len(who)) < 0.4
    rows = []
    for index in range(count):
        tags = [words.TAGS[objects.topic[index] % len(words.TAGS)]] if tagged[index] else []
        rows.append(
            {
                "post": f"p{index}",
                "account": int(objects.author[index]),
                "time": born[index],
                "text": headline[index],
                "kind": "original",
                "lang": words.LANGUAGES[language[index]],
                "urls": [_page(index, int(objects.topic[index]))] if page[index] else [],
                "tags": tags,
            }
        )
    for number, (account, index) in enumerate(zip(who.tolist(), what.tolist(), strict=True)):
        source = rows[index]
        row = {**source, "post": f"p{count + number}", "account": account, "time": when[number]}
        lang = words.LANGUAGES[folk.language[account]]
        if page[index]:
            if not button[number]:
                row |= {"text": words.comment(rng, lang), "lang": lang, "tags": []}
        else:
            row |= {"parent": source["post"], "parent_account": source["account"], "parent_time": born[index]}
            row["kind"] = "reshare"
            if answer[number]:
                row |= {"kind": "reply", "text": words.comment(rng, lang), "lang": lang, "tags": []}
        rows.append(row)
    for row in rows:
        row["time"] = START + timedelta(seconds=float(row["time"]))
        row["account"] = f"web:u{row['account']:05d}"
        if "parent" in row:
            row["parent_account"] = f"web:u{row['parent_account']:05d}"
            row["parent_time"] = START + timedelta(seconds=float(row["parent_time"]))
        row |= {"resolution_s": float(clock_s), "platform": "web", "file": "simulated", "mentions": []}
    return in_order(pa.Table.from_pylist(rows, schema.arrow("posts")))


def _page(index: int, topic: int) -> str:
    """A page of one of three outlets of its topic; nobody can ever own a name under .example."""
    outlet = f"{words.TAGS[topic % len(words.TAGS)].lower()}-{('daily', 'herald', 'post')[index % 3]}"
    return f"https://{outlet}.example/2025/story-{index}"


def _accounts(rng: np.random.Generator, folk: People, kind: npt.NDArray[np.object_]) -> pa.Table:
    count = len(kind)
    age = rng.uniform(30, 3000, count)
    bios = np.where(
        (kind == "automated") | (kind == "scheduled"), "Automated feed, run openly as a service.", ""
    )
    followers = rng.lognormal(5, 1.5, count) * np.where(kind == "influencer", 50, 1)
    return schema.rows(
        "accounts",
        account=_names(np.arange(count)),
        account_id=[name.removeprefix("web:") for name in _names(np.arange(count))],
        platform=["web"] * count,
        handle=[words.handle(number) for number in range(count)],
        bio=bios.tolist(),
        opened=[
            START + timedelta(seconds=round(born)) if born > 0 else START - timedelta(days=round(days))
            for days, born in zip(age.tolist(), folk.born.tolist(), strict=True)
        ],
        followers=followers.astype(np.int64).tolist(),
        following=rng.lognormal(5, 1.0, count).astype(np.int64).tolist(),
        platform_label=["automated" if what == "automated" else None for what in kind],
        seen=[START] * count,
    )
