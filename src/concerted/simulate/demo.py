"""A simulated export to try the tool on: an invented platform, invented people, invented news."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

from concerted.simulate import words
from concerted.simulate.crowding import crowd
from concerted.simulate.model import Simulation
from concerted.simulate.planting import Plan, plant

PLATFORM = "meadow"
COLUMNS = (
    "platform",
    "post_id",
    "created_at",
    "account_id",
    "screen_name",
    "account_description",
    "account_created_at",
    "follower_count",
    "automated",
    "lang",
    "text",
    "hashtags",
    "urls",
    "retweet_of_post_id",
    "retweet_of_account_id",
    "reply_to_post_id",
    "reply_to_account_id",
)
# what people's programs hang on to addresses; none of it changes where the address leads
TRACKING = ("", "", "?utm_source=app", "?utm_source=mail&utm_medium=social", "?fbclid=x{0}", "#top")

PLANS = (
    Plan(name="boosters", size=8, acts=26, participation=0.8),
    Plan(
        name="copyists",
        size=12,
        acts=30,
        traces=("text",),
        objects="own",
        delay="loose",
        participation=0.8,
        edited=0.4,
    ),
    Plan(
        name="newsroom",
        size=5,
        acts=26,
        traces=("link",),
        objects="own",
        participation=0.9,
        camouflage=0.3,
        lang="en",
        bio="Part of the Ostrel Lake Herald, newsroom.example",
    ),
    Plan(name="linkers", size=6, acts=24, traces=("link",), participation=0.8),
)


def demo(seed: int = 1) -> Simulation:
    """The crowd of the demo: 700 innocent accounts over four weeks, and four groups.

    Eight accounts reshare by script what others share too; twelve post the same texts within minutes, some
    of them changed a little; six link by script to pages that others link to; five of one newsroom openly
    post its pages. In the crowd are two fandoms, one influencer whose followers react
    within minutes, and four feeds that the platform labels automated.
    """
    made = crowd(seed, accounts=700, days=28, fandoms=2, influencers=1, automated=4)
    for plan in PLANS:
        made = plant(made, plan)
    return made


def write_demo(folder: Path, seed: int = 1) -> Path:
    """Writes `posts.csv` as a collection tool might, and returns its path; same seed, same bytes.

    UTF-8, commas, ISO times ending in Z, texts in five languages, two of them written from right to left.
    """
    made = demo(seed)
    rng = np.random.default_rng([seed, 3])
    profiles = {row["account"]: row for row in made.accounts.to_pylist()}
    rows = made.posts.to_pylist()
    # ids and names as a platform would hand them out: by time, and telling nothing about groups
    posts = {row["post"]: f"p{number:07d}" for number, row in enumerate(rows)}
    order = rng.permutation(made.truth.num_rows).tolist()
    numbers = dict(zip(sorted(made.truth["account"].to_pylist()), order, strict=True))

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "posts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(_line(row, posts, numbers, profiles, rng))
    return path


def _line(
    row: dict[str, Any],
    posts: dict[str, str],
    numbers: dict[str, int],
    profiles: dict[str, dict[str, Any]],
    rng: np.random.Generator,
) -> dict[str, Any]:
    number = numbers[row["account"]]
    profile = profiles.get(row["account"], {})
    line = {
        "platform": PLATFORM,
        "post_id": posts[row["post"]],
        "created_at": f"{row['time']:%Y-%m-%dT%H:%M:%SZ}",
        "account_id": f"a{number:05d}",
        "screen_name": words.handle(number),
        "account_description": profile.get("bio") or "",
        "account_created_at": f"{profile['opened']:%Y-%m-%dT00:00:00Z}" if profile else "",
        "follower_count": profile.get("followers", ""),
        "automated": "true" if profile.get("platform_label") else "false",
        "lang": row["lang"],
        "text": row["text"],
        "hashtags": json.dumps(row["tags"] or []),
        "urls": json.dumps([_decorated(url, rng) for url in row["urls"] or []]),
    }
    what = {"reshare": "retweet_of", "reply": "reply_to"}.get(row["kind"])
    if what:
        line[f"{what}_post_id"] = posts[row["parent"]]
        line[f"{what}_account_id"] = f"a{numbers[row['parent_account']]:05d}"
    return line


def _decorated(url: str, rng: np.random.Generator) -> str:
    return url + TRACKING[int(rng.integers(len(TRACKING)))].format(int(rng.integers(10_000)))
