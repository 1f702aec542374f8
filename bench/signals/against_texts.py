"""Which texts that several accounts posted carry a sign of innocence: `... against_texts.py --data DIR`.

Per set, of the texts that two or more accounts posted: how many a program wrote, an agency is credited with,
lead to three or more sites, name a verse, are old (posted by twelve or more accounts on scattered days) or
carry an appeal. `with a link`: texts of three or more accounts whose posts all carry one link; `agree`: of
the accounts that shared these links, the share that wrote the same words.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import concerted as co
from concerted.engines import open_engine
from concerted.signals import _lists as lists
from concerted.signals.headline import page
from concerted.signals.publisher import registered
from concerted.signals.quotation import Quotation
from concerted.table import Table

SETS = {
    "conference_tweets": "honest",
    "us_congress_2016": "honest",
    "bluesky_search_2025": "honest",
    "vaccine_tweets_2021": "honest",
    "random_users_2015": "honest",
    "youtube_spam": "spam and honest",
    "us_election_x_2024": "wild",
    "up_elections_2017": "wild",
    "thailand_rta_2020": "operation",
    "africa_ira_2019": "operation",
    "ira_clemson": "operation",
}
LISTED = ("boilerplate", "wire", "scripture", "appeal")
SEVERAL = """
select e.object, e.account, e.time, p.text, p.urls, l.object as link
from events e join posts p on p.post = e.post and p.account = e.account
left join events l on l.trace = 'link' and l.post = e.post and l.account = e.account
where e.trace = 'text'
  and e.object in (select object from events where trace = 'text' group by object having count(*) > 1)
order by e.object, e.time, e.account, l.object
"""
SHARERS = "select object, count(*) as accounts from events where trace = 'link' group by object"


def main(data: Path, names: list[str]) -> None:
    heads = (*LISTED, "3 sites", "old", "with a link", "agree")
    print(f"{'':22} {'label':16} {'texts':>8} " + " ".join(f"{head:>11}" for head in heads))
    for name in names:
        posts = co.read(data / name / "posts.parquet", timezone="UTC")
        # this file marks reshares without naming the post: only as copies do its texts reach the text trace
        if name == "ira_clemson":
            copies = posts.sql("select * replace ('original' as kind) from this").to_arrow()
            posts = Table("posts", copies, dict(posts.beside))
        events = co.trace(posts, ["text", "link"])
        engine, tables = open_engine(), {**events.beside, "events": events}
        sharers = {row["object"]: row["accounts"] for row in engine.query(SHARERS, tables).to_pylist()}
        texts: dict[str, list[dict[str, Any]]] = {}
        for row in engine.query(SEVERAL, tables).to_pylist():
            texts.setdefault(row["object"], []).append(row)
        counted, agreeing, sharing = _signs(texts, sharers)
        cells = [f"{counted[head]:>11,}" for head in heads[:-1]]
        share = f"{agreeing}/{sharing}" if sharing else "-"
        print(
            f"{name:22} {SETS.get(name, ''):16} {len(texts):>8,} " + " ".join([*cells, f"{share:>11}"]),
            flush=True,
        )


def _signs(texts: dict[str, list[dict[str, Any]]], sharers: dict[str, int]) -> tuple[Counter[str], int, int]:
    counted: Counter[str] = Counter()
    agreeing = sharing = 0
    for rows in texts.values():
        accounts = {row["account"]: row for row in rows}
        for name in LISTED:
            counted[name] += lists.kind_of(name, rows[0]["text"] or "") is not None
        sites = {registered(url or "") for row in rows for url in row["urls"] or ()} - {""}
        counted["3 sites"] += len(sites) >= 3
        counted["old"] += Quotation(accounts=12)._scattered(sorted(row["time"] for row in accounts.values()))
        links = Counter(row["link"] for row in rows if row["link"] and page(row["link"]))
        link, uses = links.most_common(1)[0] if links else ("", 0)
        if len(accounts) >= 3 and uses == len(accounts):
            counted["with a link"] += 1
            agreeing, sharing = agreeing + uses, sharing + sharers[link]
    return counted, agreeing, sharing


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--sets", default=",".join(SETS), help="names of data sets, with commas")
    given = parser.parse_args()
    main(given.data, [name for name in given.sets.split(",") if (given.data / name).is_dir()])
