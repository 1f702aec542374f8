"""What speaks against on published posts: strangers' form texts are known, an operation is not excused."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest
from conftest import data_dir

import concerted as co
from concerted import registry, schema
from concerted.engines import open_engine
from concerted.signals import _lists as lists
from concerted.table import Table

TOGETHER = """
select 'G1' as cluster, trace, object, account, post, time, true as success from events
where trace in ('text', 'link') and ascii(md5(account)) % 2 = 0 and object in (
    select object from events where ascii(md5(account)) % 2 = 0
    group by object having count(distinct account) > 1
)
"""


def test_lists_know_what_programs_write_for_strangers() -> None:
    """9,763 posts of one moment of 2015, nearly every one by another account."""
    posts = co.read(data_dir("random_users_2015") / "posts.parquet", timezone="UTC").rows()
    kinds = Counter(lists.kind_of("boilerplate", post["text"] or "") for post in posts)
    assert kinds["app"] >= 80 and kinds["button"] >= 60
    assert kinds["app"] + kinds["button"] < 0.03 * len(posts)


@pytest.mark.parametrize("name", ["boilerplate", "wire", "quotation", "appeal", "fandom", "crosspost"])
def test_an_operation_is_not_excused(name: str) -> None:
    """Half of the accounts of the Thai operation as one group, the other half as everybody else."""
    posts = co.read(data_dir("thailand_rta_2020") / "posts.parquet", timezone="UTC")
    events = co.trace(posts, ["text", "link"])
    tables, engine = {**events.beside, "events": events}, open_engine()
    acts = engine.query(TOGETHER, tables)
    evidence = schema.rows("evidence", **{column: acts[column] for column in acts.column_names})
    assert len(set(evidence["object"].to_pylist())) > 50
    accounts = sorted(set(evidence["account"].to_pylist()))
    rows = [{"subject_kind": "cluster", "subject": "G1", "account": one} for one in accounts]
    given = {**tables, "evidence": Table("evidence", evidence)}
    found = registry.find("signals", name)().notes(pa.Table.from_pylist(rows), given, engine)
    assert schema.check("notes", found).num_rows == 0
