"""Innocent reasons why people act at the same time, each as acts: who, on what, when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concerted.simulate.people import DAY, Indices, Numbers, People, daytimes

Acts = tuple[Indices, Indices, Numbers]


@dataclass(frozen=True)
class Objects:
    """What there is to react to: one entry per post or page. Times in seconds since the start."""

    topic: Indices
    author: Indices
    birth: Numbers


def interest(rng: np.random.Generator, crowd: People, objects: Objects, acts: float, breaking: float) -> Acts:
    """Everybody reacts to what interests them, when they come by; followers of an author see it sooner.

    `acts` is the mean number of acts of an account; `breaking` the share of objects that spread in a
    quarter of an hour and to five times as many.
    """
    people, count = len(crowd.activity), len(objects.topic)
    news = rng.random(count) < breaking
    reach = (rng.pareto(1.1, count) + 0.15) * np.where(news, 5.0, 1.0)
    topics = int(crowd.interest.shape[1])
    tempo = rng.lognormal(0.0, 0.6, topics)
    life = np.where(
        news,
        rng.lognormal(np.log(900.0), 0.5, count),
        rng.lognormal(np.log(5 * 3600.0), 0.8, count) * tempo[objects.topic],
    )
    expected = reach
    for _ in range(20):
        expected = np.clip(expected, 0.3, 0.2 * people)
        expected = expected * (acts * people / expected.sum())
    expected = np.minimum(expected, 0.2 * people)

    who, what, when = [], [], []
    for index in range(count):
        at, topic, author = objects.birth[index], objects.topic[index], objects.author[index]
        # whether an account follows an author is fixed, so it is drawn from the two and nothing else
        follows = np.random.default_rng([7, int(author)]).random(people) < np.clip(
            crowd.interest[:, topic] * 0.6, 0, 0.5
        )
        there = (crowd.born <= at + DAY / 5) & (crowd.gone >= at)
        pull = crowd.activity * crowd.interest[:, topic] * (0.15 + follows) * there
        pull[author] = 0.0
        if pull.sum() == 0:
            continue
        pull *= expected[index] / pull.sum()
        # nobody acts twice on one thing, so the keen leave room for the less keen
        for _ in range(4):
            pull *= expected[index] / -np.expm1(-pull).sum()
        act = np.nonzero(rng.random(people) < -np.expm1(-pull))[0]
        delay = life[index] * crowd.promptness[act] * rng.weibull(0.6, len(act))
        times = crowd.settle(rng, act, at + delay)
        told = follows[act] & (rng.random(len(act)) < 0.12)
        times = np.where(told, at + rng.lognormal(np.log(150.0), 1.0, len(act)), times)
        who.append(act)
        what.append(np.full(len(act), index))
        when.append(times)
    return _all(who, what, when)


def fans(rng: np.random.Generator, crowd: People, objects: Objects, members: Indices, idol: int) -> Acts:
    """A fandom: most members react to whatever the idol posts, many of them within minutes."""
    mine = np.nonzero(objects.author == idol)[0]
    zeal = rng.beta(1.2, 2.0, len(members))
    alert = rng.random(len(members)) < 0.4
    who, what, when = [], [], []
    for index in mine:
        at = objects.birth[index]
        picked = rng.random(len(members)) < np.clip(zeal * rng.lognormal(0.0, 0.5), 0, 0.95)
        picked &= (crowd.born[members] <= at) & (crowd.gone[members] >= at) & (members != idol)
        chosen = members[picked]
        prompt = alert[picked] & (rng.random(len(chosen)) < 0.6)
        late = crowd.settle(rng, chosen, at + 3 * 3600 * rng.weibull(0.6, len(chosen)))
        who.append(chosen)
        what.append(np.full(len(chosen), index))
        when.append(np.where(prompt, at + rng.lognormal(np.log(150.0), 1.0, len(chosen)), late))
    return _all(who, what, when)


def audience(
    rng: np.random.Generator, objects: Objects, hub: int, followers: Indices, shares: int, median_s: float
) -> Acts:
    """An influencer passes things on, hours late; followers take them up within minutes of that."""
    zeal = rng.beta(1.0, 4.0, len(followers))
    who, what, when = [], [], []
    for index in rng.choice(len(objects.topic), min(shares, len(objects.topic)), replace=False):
        at = objects.birth[index] + rng.lognormal(np.log(3 * 3600.0), 1.0)
        chosen = followers[rng.random(len(followers)) < zeal]
        who.append(np.concatenate([[hub], chosen]))
        what.append(np.full(len(chosen) + 1, index))
        when.append(np.concatenate([[at], at + rng.lognormal(np.log(median_s), 1.0, len(chosen))]))
    return _all(who, what, when)


def meeting(rng: np.random.Generator, objects: Objects, members: Indices, days: int) -> Acts:
    """People who meet online once a week and share, for two hours, what the last day brought."""
    weekday, hour = int(rng.integers(7)), rng.uniform(17, 20)
    who, what, when = [], [], []
    for day in range(weekday, days, 7):
        begin = (day * 24 + hour) * 3600
        fresh = np.nonzero((objects.birth < begin - 1800) & (objects.birth > begin - DAY))[0]
        for index in rng.permutation(fresh)[:12]:
            chosen = members[rng.random(len(members)) < 0.4]
            who.append(chosen)
            what.append(np.full(len(chosen), index))
            when.append(begin + rng.uniform(0, 7200) + rng.gamma(2.0, 60.0, len(chosen)))
    return _all(who, what, when)


def digest(rng: np.random.Generator, objects: Objects, members: Indices, days: int) -> Acts:
    """A newsletter that the file does not hold: once a week, on any day, it tells of twelve things two days
    to two weeks old, and who opens it passes on some of them within the hour."""
    who, what, when = [], [], []
    for week in range(2, days - 6, 7):
        at = (week + rng.integers(7)) * DAY + rng.uniform(7, 20) * 3600
        old = np.nonzero((objects.birth < at - 2 * DAY) & (objects.birth > at - 14 * DAY))[0]
        opened = at + rng.lognormal(np.log(600.0), 0.8, len(members))
        for index in rng.permutation(old)[:12]:
            chosen = rng.random(len(members)) < 0.4
            who.append(members[chosen])
            what.append(np.full(int(chosen.sum()), index))
            when.append(opened[chosen] + rng.gamma(2.0, 60.0, int(chosen.sum())))
    return _all(who, what, when)


def staged(
    rng: np.random.Generator, objects: Objects, days: int, things: int = 12
) -> tuple[Objects, Indices]:
    """A live event: things of one topic that appear within two hours. The objects, and which of them."""
    topic = int(objects.topic[rng.integers(len(objects.topic))])
    mine = rng.permutation(np.nonzero(objects.topic == topic)[0])[:things]
    birth = objects.birth.copy()
    birth[mine] = (rng.integers(0, max(1, days - 1)) * 24 + rng.uniform(17, 20)) * 3600
    birth[mine] += rng.uniform(0, 7200, len(mine))
    return Objects(objects.topic, objects.author, birth), mine


def live(rng: np.random.Generator, crowd: People, objects: Objects, things: Indices, watchers: int) -> Acts:
    """Those who watch a live event pass on what it brings, most within two minutes."""
    pull = crowd.interest[:, objects.topic[things[0]]] * crowd.activity + 1e-12
    there = rng.choice(len(pull), min(watchers, len(pull) // 4), replace=False, p=pull / pull.sum())
    who, what, when = [], [], []
    for index in things:
        chosen = there[rng.random(len(there)) < 0.4]
        who.append(chosen)
        what.append(np.full(len(chosen), index))
        when.append(objects.birth[index] + rng.gamma(2.0, 40.0, len(chosen)))
    return _all(who, what, when)


def feeds(
    rng: np.random.Generator, objects: Objects, machines: Indices, authors: Indices, every_s: float = 0.0
) -> Acts:
    """Openly automated accounts: each passes on all of one author within a minute, or at the next multiple
    of `every_s` seconds, as schedulers do."""
    who, what, when = [], [], []
    for machine, author in zip(machines, authors, strict=True):
        mine = np.nonzero((objects.author == author) & (objects.author != machine))[0]
        who.append(np.full(len(mine), machine))
        what.append(mine)
        moment = objects.birth[mine] + rng.uniform(5, 60, len(mine))
        when.append(np.ceil(moment / every_s) * every_s if every_s else moment)
    return _all(who, what, when)


def births(rng: np.random.Generator, crowd: People, author: Indices, days: int) -> Numbers:
    """When posts of these authors appear: in their daytime, while they exist, a day before the end."""
    first = crowd.born[author] / DAY
    last = np.maximum(np.minimum(crowd.gone[author] / DAY, days - 1), first)
    return daytimes(rng, rng.uniform(first, last), crowd.zone[author])


def _all(who: list[Indices], what: list[Indices], when: list[Numbers]) -> Acts:
    if not who:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    return (
        np.concatenate(who).astype(np.int64),
        np.concatenate(what).astype(np.int64),
        np.concatenate(when).astype(float),
    )
