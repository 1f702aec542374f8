"""Findings made by hand: every part filled, with ids and texts of the test's choice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from concerted.findings import (
    Act,
    Addressing,
    Alone,
    CoAct,
    Evidence,
    Findings,
    Group,
    Input,
    Lead,
    Made,
    Member,
    Note,
    Passage,
    Point,
    Seen,
    Set,
    Target,
    Tie,
    Timeline,
)

START = datetime(2020, 3, 1, 9, 30, tzinfo=UTC)


def findings(
    accounts: list[str] | None = None,
    handles: list[str] | None = None,
    posts: list[str] | None = None,
    texts: list[str] | None = None,
    sentence: str = "",
    links: list[str] | None = None,
) -> Findings:
    """Two groups, a set, an account of each answer and a lead.

    `accounts` are 12 account ids of platform x, `handles` their handles, `posts` ids given to posts in
    turn, `texts` their texts, `links` the objects of the link trace; `sentence` is added to all that is said.
    """
    ids = accounts or [f"{7_000_000_001 + 97 * place}" for place in range(12)]
    names = handles or [f"Name_{place}x" for place in range(12)]
    post_ids = posts or [f"{123_450_000_000_000 + 31 * place}" for place in range(60)]
    bodies = texts or [
        "Read this now https://news.example/a",
        "اقرأ هذا الآن مع #وسم",
        f"RT @{names[0]}: hello",
    ]
    urls = links or ["https://news.example/a?id=1", f"https://x.com/{names[11]}/status/{post_ids[0]}"]
    own = [f"x:{one}" for one in ids]
    used = 0

    def act(account: str, seconds: float) -> Act:
        nonlocal used
        used += 1
        post = post_ids[used % len(post_ids)]
        handle = names[own.index(account)]
        return Act(
            account=account,
            time=START + timedelta(days=used // 4, seconds=seconds),
            post=post,
            text=bodies[used % len(bodies)],
            link=f"https://x.com/{handle}/status/{post}",
            file="export.csv",
            row=used + 1,
        )

    def evidence(a: str, b: str, size: int = 3) -> Evidence:
        acts = []
        for place in range(size):
            if place % 2:
                trace, key, label = "link", urls[(used + 1) % len(urls)], urls[(used + 1) % len(urls)]
            else:
                trace, key = "reshare", f"x:{post_ids[-1 - place]}"
                label = f"post {post_ids[-1 - place]}"
            acts.append(CoAct(trace, key, label, 4.0 + place, act(a, 0), act(b, 4 + place), place == 2))
        return Evidence(a, b, acts, omitted=7)

    def tie(a: str, b: str, trace: str = "link", tier: str = "anchored", window: int = 60) -> Tie:
        return Tie(a, b, trace, tier, window, 30, 12, 0.31, 3e-9, 2e-8, leader=a)

    def member(place: int, found: bool = True) -> Member:
        return Member(
            account=own[place],
            account_id=ids[place],
            handle=names[place],
            p=1e-9 if found else None,
            q=3e-8 if found else None,
            ties=2 if found else 0,
            stability=0.96 if found else None,
            share=None if found else 0.4,
        )

    def group(key: str, places: list[int]) -> Group:
        pairs = [(own[a], own[b]) for a in places for b in places if a < b]
        size = len(places)
        return Group(
            id=key,
            accounts=[member(place) for place in places],
            p=1e-6,
            q=4e-5,
            q_reason=None,
            traces=["link", "reshare"],
            first=START,
            last=START + timedelta(days=9),
            why=[
                f"{size} accounts shared the same 41 links within 60 s of each other on 12 days: 96 "
                f"occasions over {len(pairs)} pairs, where chance explains 0.93 (smallest q of "
                "a pair 2 × 10⁻⁸).",
                f"⟦{own[places[0]]}⟧ goes first in 2 of its 2 ties. The file cannot tell an audience from "
                "subordinates: many follow an account for its own sake.",
            ],
            against=[
                f"2 of {size} accounts openly declare automation (2 by client: IFTTT). {sentence}".strip()
            ],
            ties=[tie(a, b) for a, b in pairs] + [tie(*pairs[0], "reshare", "same-second", 0)],
            evidence=[evidence(a, b) for a, b in pairs],
            notes=[Note("automation", f"2 of {size} accounts. {sentence}", "against", 0.5, 0.1, 0.9)],
            layout=[Point(own[place], (place * 0.37) % 1, (place * 0.59) % 1) for place in sorted(places)],
        )

    def alone(place: int, because: str | None) -> Alone:
        return Alone(
            account=own[place],
            account_id=ids[place],
            p=3e-4,
            q=0.04,
            trace="reshare",
            because=because,
            ties=[tie(own[place], own[11], "reshare")],
            evidence=[evidence(own[place], own[11], 2)],
            against=[f"One account declares automation. {sentence}"],
        )

    line = Timeline(
        "c-a",
        START.replace(hour=0, minute=0),
        86400,
        [3, 0, 9, 4, 1, 7, 0, 0, 2, 5],
        [1, 0, 8, 2, 0, 6, 0, 0, 1, 3],
    )
    return Findings(
        made=Made(
            version="0.1.0",
            settings={"weigh": {"fdr": 0.05}, "group": {"accounts": [own[0]]}, "read": {"map": "a=b"}},
            seed=1,
            inputs=[
                Input(
                    "export.csv",
                    "ab" * 32,
                    "x_io_archive",
                    "UTC, from the ids of posts",
                    1200,
                    1180,
                    8,
                    {"no time": 11, f"damaged {sentence}": 1},
                    ["link: 31 % of posts", "media: no, the file has no column for images"],
                )
            ],
            rows={"posts": 1180, "ties": 7},
            counts={"weigh": [f"412 accounts tested, 9 cells each. {sentence}"]},
        ),
        limits=[
            "A group of 5 accounts that share 12 links within 60 s would have been found.",
            f"export.csv: its clock has steps of 60 s. {sentence}",
        ],
        groups=[group("c-a", [0, 1, 2]), group("c-b", [3, 4])],
        alone=[alone(5, None)],
        sets=[
            Set(
                id="set-1",
                kind="community",
                basis="shared links",
                trace="link",
                window_s=600,
                answer="found",
                accounts=[member(6, False), member(7, False), member(0, False)],
                p=1e-5,
                q=0.003,
                ratio=5.4,
                low=2.1,
                high=9.8,
                days=14,
                why=[f"3 accounts named by sharing the same things. {sentence}"],
                against=["Members were not found one by one."],
                evidence=[evidence(own[6], own[7])],
            )
        ],
        leads=[Lead([own[8], own[9]], ["link"], 0.81, f"Friends look like this. {sentence}")],
        explained=[alone(9, f"follows ⟦{own[0]}⟧ {sentence}")],
        unresolved=[alone(10, f"acted together on 2 days only {sentence}")],
        notes=[Note("span", f"export.csv: 1,180 posts. {sentence}", "none", 1180.0)],
        timelines=[line],
        pseudonyms={},
        smallest="A group of 5 accounts that share 12 links within 60 s would have been found.",
        targets=[
            Target(
                account=own[11],
                accounts=6,
                posts=8,
                notes=[Note("pileon", f"12 accounts began to address ⟦{own[11]}⟧. {sentence}", "none", 12.0)],
                acts=[
                    *(
                        Addressing(
                            act(own[place], 5 + place), "c-a" if place < 3 else "c-b", "reply", True, 1
                        )
                        for place in range(5)
                    ),
                    Addressing(act(own[6], 9), "set-1", "original", True, 1),
                    Addressing(act(own[0], 15), "c-a", "quote", False),
                ],
                omitted=1,
            )
        ],
        passages=[
            Passage(
                trace=trace,
                object=key,
                label=key,
                groups=["c-a"],
                accounts=34,
                members=12,
                notes=[Note("provenance", f"34 accounts posted it. {sentence}", "none", 0.3)],
                seen=[
                    Seen("anybody", act(own[11], 0), 1.0),
                    Seen("members", act(own[0], 70), 60.0),
                    Seen("the list", act(own[10], 90), 1.0),
                ],
                course=msgspec.structs.replace(line, subject=f"{trace} {key}"),
                listed=[0, 0, 1, 0, 0, 1, 0, 0, 0, 0],
            )
            for trace, key in (("link", urls[-1]), ("media", f"x:{post_ids[7]}"))
        ],
    ).named(dict(zip(own, names, strict=True)))
