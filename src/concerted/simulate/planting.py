"""Groups that act together, planted among the innocent."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Meta

from concerted import settings
from concerted.errors import SettingError
from concerted.settings import option
from concerted.simulate import material, words
from concerted.simulate.delays import delays
from concerted.simulate.material import Row
from concerted.simulate.model import Simulation

TraceName = Literal["reshare", "link", "text", "hashtag", "reply"]


@dataclass(frozen=True)
class Plan:
    """One group to plant."""

    name: str = option("", "name of the group in truth; empty: group-1, group-2 ...")
    size: Annotated[int, Meta(ge=2, le=200)] = option(8, "accounts in the group")
    acts: Annotated[int, Meta(ge=1)] = option(20, "joint actions, each on another object")
    traces: tuple[TraceName, ...] = option(("reshare",), "what joint actions are, taken in turn")
    objects: Literal["shared", "own"] = option(
        "shared", "shared: what innocent accounts share too; own: content only the group has"
    )
    delay: Literal["script", "loose", "slow", "operator", "sessions"] = option(
        "script",
        "seconds after the signal: script U(0, 60), loose Exp(300), slow Exp(3600); operator: one person "
        "goes through the accounts, 20 to 90 s each; sessions: by hand, in the next of three daily shifts",
    )
    participation: Annotated[float, Meta(gt=0, le=1)] = option(0.7, "chance that a member joins an action")
    camouflage: Annotated[float, Meta(ge=0, lt=1)] = option(
        0.5, "share of each member's acts that are innocent, copied from a bystander half an hour off"
    )
    leader: bool = option(False, "one member always acts first, the others after it")
    edited: Annotated[float, Meta(ge=0, le=1)] = option(
        0.0, "share of copied texts that are changed a little: words in front, one cut, a tag behind"
    )
    days: Annotated[int, Meta(ge=0)] = option(
        0, "days in a row that hold all joint actions; 0: the whole span"
    )
    age_days: Annotated[int, Meta(ge=0)] = option(
        0, "least days since a shared object was first shared or made when the group acts on it; 0: any"
    )
    opened_days: Annotated[int, Meta(ge=0)] = option(
        0, "days in a row on which all members were opened; 0: each on a day of its own"
    )
    lang: Literal["", "en", "de", "es", "ar", "he"] = option(
        "", "language of own content; empty: all in turn"
    )
    bio: str = option("", "profile text of all members")
    seed: int = option(1, "seed of the group, beside that of the simulation")


def plant(simulation: Simulation, plan: Plan | None = None) -> Simulation:
    """The simulation with one more group in it, as new accounts named in `truth`.

    Raises SettingError where an option is out of range, the name is taken, or the file has no object that
    a group could share with others.
    """
    plan = settings.build(Plan, settings.plain(plan or Plan()))
    groups = simulation.groups()
    name = plan.name or f"group-{len(groups) + 1}"
    if name in groups:
        raise SettingError(f"there is a group {name!r} already: choose another name")
    rng = np.random.default_rng([simulation.seed, plan.seed, len(groups), 2])
    members = [f"web:{name}-{number:02d}" for number in range(plan.size)]
    source = f"web:{name}-source"
    clock = pc.max(simulation.posts["resolution_s"]).as_py() or 1.0
    span = pc.min_max(simulation.posts["time"]).as_py()
    days = max(1, (span["max"] - span["min"]).days)
    # what is to be old by then must have been shared before
    soonest = min(2 * plan.age_days, max(0, days - plan.days))
    first = rng.integers(soonest, max(soonest + 1, days - plan.days + 1)) if plan.days else 0
    begin = span["min"] + timedelta(days=int(first))
    end = min(begin + timedelta(days=plan.days or days), span["max"])

    rows: list[Row] = []
    age = timedelta(days=plan.age_days)
    # of old objects, those that are old by the time the group begins, or ends
    pool = (span["min"], (begin if plan.days else end) - age) if age else (begin, end)
    shared = {
        t: material.shared(simulation.posts, t, *pool, plan.acts)
        for t in set(plan.traces)
        if plan.objects == "shared"
    }
    for number in range(plan.acts):
        trace = plan.traces[number % len(plan.traces)]
        if plan.objects == "shared":
            left = shared[trace]
            if not left:
                raise SettingError(
                    f"only {number} objects of trace {trace!r} are shared by others in these days: "
                    "ask for fewer acts, more days or objects='own'"
                )
            template, times = left.pop(int(rng.integers(len(left))))
            signal = times[int(rng.integers(len(times)))] + timedelta(seconds=rng.uniform(0, 600))
            if age:
                since = max(begin, (template["parent_time"] or min(times)) + age)
                signal = since + (end - since) * rng.uniform(0, 1)
        else:
            signal = begin + (end - begin) * rng.uniform(0, 1)
            lang = plan.lang or words.LANGUAGES[number % len(words.LANGUAGES)]
            template = material.own(rng, trace, lang, number, name, signal)
            if template.get("parent"):
                rows.append(material.original(template))
        rows += _joint(rng, plan, members, template, trace, signal, clock)
    rows += _camouflage(rng, plan, simulation, members, clock)
    for number, row in enumerate(rows):
        row.setdefault("post", f"{name}-{number:05d}")
        row |= {"resolution_s": clock, "platform": "web", "file": simulation.posts["file"][0].as_py()}
        row["time"] = _tick(row["time"], clock)

    told = sorted({row["account"] for row in rows if row["account"] == source})
    truth: list[Row] = [{"account": account, "group": name, "kind": "planted"} for account in members]
    truth += [{"account": account, "group": None, "kind": "source"} for account in told]
    profiles = [_profile(account, plan, span["min"]) for account in members]
    return simulation.joined(rows, profiles, truth)


def _joint(
    rng: np.random.Generator,
    plan: Plan,
    members: list[str],
    template: Row,
    trace: str,
    signal: datetime,
    clock: float,
) -> list[Row]:
    joins = [member for member in members if rng.random() < plan.participation]
    if plan.leader and members[0] not in joins:
        joins.insert(0, members[0])
    delay = delays(rng, plan.delay, len(joins), signal)
    if plan.leader:
        delay[1:] += clock
        delay[0] = 0.0
    earliest = template.get("parent_time")
    rows = []
    for member, seconds in zip(joins, delay.tolist(), strict=True):
        when = signal + timedelta(seconds=seconds)
        row = {**template, "account": member, "time": max(when, earliest) if earliest else when}
        row.pop("post", None)
        if trace in ("link", "hashtag", "reply"):
            row["text"] = words.comment(rng, row["lang"])
        if trace == "text" and plan.edited and rng.random() < plan.edited:
            row["text"] = words.edited(rng, row["lang"], row["text"])
        rows.append(row)
    return rows


def _camouflage(
    rng: np.random.Generator, plan: Plan, simulation: Simulation, members: list[str], clock: float
) -> list[Row]:
    wanted = round(plan.acts * plan.participation * plan.camouflage / (1 - plan.camouflage))
    innocent = {row["account"] for row in simulation.truth.to_pylist() if row["group"] is None}
    accounts = simulation.posts["account"].to_pylist()
    counts = Counter(account for account in accounts if account in innocent)
    donors = sorted(account for account, count in counts.items() if count >= wanted)
    if not wanted:
        return []
    if not donors:
        raise SettingError(
            f"no account of the file has {wanted} posts to hide among: ask for less camouflage"
        )
    lines: dict[str, list[int]] = defaultdict(list)
    chosen = [donors[int(rng.integers(len(donors)))] for _ in members]
    for line, account in enumerate(accounts):
        if account in set(chosen):
            lines[account].append(line)
    rows = []
    for member, donor in zip(members, chosen, strict=True):
        picked = rng.choice(lines[donor], wanted, replace=False)
        for row in simulation.posts.take(pa.array(np.sort(picked))).to_pylist():
            when = row["time"] + timedelta(seconds=float(rng.normal(0, 1800)))
            if row["parent_time"]:
                when = max(when, row["parent_time"] + timedelta(seconds=clock))
            del row["post"]
            rows.append(row | {"account": member, "time": when})
    return rows


def _tick(when: datetime, clock: float) -> datetime:
    """The last step of the clock before a moment, as an export would show it."""
    stamp = when.timestamp()
    return when - timedelta(seconds=stamp % clock)


def _profile(account: str, plan: Plan, when: datetime) -> Row:
    plain = account.removeprefix("web:")
    chance = crc32(account.encode())
    # what a plan does not ask for must not give its members away: each on a day of its own
    before = 100 + chance % 1400
    if plan.opened_days:
        before = 100 + crc32(plan.name.encode()) % 1400 + chance % plan.opened_days
    return {
        "account": account,
        "account_id": plain,
        "platform": "web",
        "handle": plain.replace("-", "_"),
        "bio": plan.bio,
        "opened": when - timedelta(days=before),
        "followers": 100,
        "following": 100,
        "seen": when,
    }
