"""Times: formats, zones, resolution, and what is refused."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import load, write

from concerted.errors import BadTime, SettingError
from concerted.sources.clock import Clock
from concerted.sources.zones import find_zone


def read(*texts: str, **options: object) -> list[datetime | None]:
    clock = Clock("when", **options)  # type: ignore[arg-type]
    values = pa.array(texts)
    clock.look(values, np.arange(1, len(texts) + 1))
    clock.settle("f.csv")
    micros, known = clock.read(values)
    zero = datetime(1970, 1, 1, tzinfo=UTC)
    return [zero + timedelta(microseconds=int(m)) if k else None for m, k in zip(micros, known, strict=True)]


def step(*texts: str, **options: object) -> float:
    clock = Clock("when", **options)  # type: ignore[arg-type]
    clock.look(pa.array(texts), np.arange(1, len(texts) + 1))
    clock.settle("f.csv")
    return clock.resolution_s


MOMENT = datetime(2024, 3, 14, 9, 26, 53, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-14T09:26:53Z",
        "2024-03-14 11:26:53+02:00",
        "2024-03-14T11:26:53+0200",
        "2024-03-14 04:26:53 EST",
        "2024/03/14 10:26:53 CET",
        "2024-03-14 09:26:53 UTC",
        "2024-03-14T09:26:53.000Z",
        "Thu Mar 14 09:26:53 +0000 2024",
        "Thu, 14 Mar 2024 09:26:53 GMT",
        "14.03.2024 09:26:53 UTC",
        "3/14/2024 9:26:53 AM UTC",
        "1710408413",
        "1710408413000",
        "1710408413000000",
        "1710408413.0",
    ],
)
def test_one_moment_in_many_forms(text: str) -> None:
    """Defect 8: offsets were dropped."""
    assert read(text) == [MOMENT]


def test_two_clocks_meet(tmp_path: Path) -> None:
    """Defect 4: an epoch and a snowflake of the same moment, from two files, are one time."""
    snow = write(
        tmp_path,
        "tweetid,userid,tweet_time,tweet_text\n"
        + "".join(
            f"{((1710408413589 + n - 1288834974657) << 22)},u{n},2024-03-14 09:26,x\n" for n in range(4)
        ),
        "x.csv",
    )
    epoch = write(
        tmp_path,
        "message_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n1,a,a,,,x,1710408413.589,\n",
        "q.csv",
    )
    assert (
        load(snow)["posts"][0]["time"]
        == load(epoch)["posts"][0]["time"]
        == MOMENT + timedelta(milliseconds=589)
    )
    assert load(snow)["posts"][0]["resolution_s"] == load(epoch)["posts"][0]["resolution_s"] == 0.001


def test_the_machine_zone_is_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        assert read("2024-03-14 09:26:53", zone="UTC") == [MOMENT]
        with pytest.raises(BadTime, match="--timezone"):
            read("2024-03-14 09:26:53")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_zones_that_are_told() -> None:
    assert read("2024-03-14 10:26:53", zone="Europe/Berlin") == [MOMENT]
    assert read("2024-07-14 11:00:00", zone="Europe/Berlin") == [datetime(2024, 7, 14, 9, tzinfo=UTC)]
    assert read("2024-03-14T09:26:53Z", zone="Europe/Berlin") == [MOMENT]
    # 02:30 came twice on 27 October 2024 and never on 31 March
    assert read("2024-10-27 02:30:00", "2024-03-31 02:30:00", zone="Europe/Berlin") == [None, None]
    with pytest.raises(SettingError, match="Europe/Berlin"):
        find_zone("Mars/Olympus")


@pytest.mark.parametrize(
    "text", ["2024-03-14 09:26:53 IST", "2024-03-14 09:26:53 BST", "2024-03-14 09:26:53 XYZ"]
)
def test_zone_names_with_several_meanings_are_refused(text: str) -> None:
    with pytest.raises(BadTime, match="fixed meaning"):
        read(text)


def test_day_and_month_are_decided_by_the_column() -> None:
    third = datetime(2024, 4, 3, 10, tzinfo=UTC)
    assert read("03/04/2024 10:00", "13/04/2024 10:00", zone="UTC")[0] == third
    assert read("04/03/2024 10:00", "04/13/2024 10:00", zone="UTC")[0] == third
    assert read("03.04.2024 10:00", zone="UTC")[0] == third
    with pytest.raises(BadTime, match="--time-format"):
        read("03/04/2024 10:00", zone="UTC")
    with pytest.raises(BadTime, match="--time-format"):
        read("13/04/2024 10:00", "04/13/2024 10:00", zone="UTC")
    assert read("03/04/2024 10:00", zone="UTC", form="%d/%m/%Y %H:%M") == [third]


def test_resolution_comes_from_content() -> None:
    minutes = [f"2024-01-01T10:{n:02d}:00Z" for n in range(10)]
    assert step(*minutes) == 60
    assert step(*minutes, "2024-01-01T10:10:01Z") == 1
    assert step(*minutes, "2024-01-01T10:10:01.250Z") == 0.001
    assert step("2024-01-01T10:00:01.000Z") == 1
    assert step("2024-01-01", "2024-01-02", "2024-01-03", zone="UTC") == 86_400
    assert step(*[f"2024-01-{n:02d} 00:00:00" for n in range(1, 6)], zone="UTC") == 86_400
    assert step("2024-01-01 10:05", zone="UTC") == 60
    assert step("1606451170.518101", "1606451171.0") == 0.001


def test_days_that_do_not_exist_are_unread() -> None:
    assert read("2024-02-30T00:00:01Z", "2024-02-28T00:00:01Z", "2024-02-28T25:00:00Z")[0::2] == [None, None]


def test_naive_text_is_refused_and_parquet_with_zone_is_not(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    path = write(
        tmp_path, "post_id,account_id,created_at\n1,a,2024-03-14 09:26:53\n2,b,2024-03-14 09:26:54\n"
    )
    with pytest.raises(BadTime, match=r"f\.csv, row 2, column 'created_at'"):
        load(path)
    assert load(path, timezone="+01:00")["posts"][0]["time"] == MOMENT - timedelta(hours=1)
    for zone, ok in (("UTC", True), (None, False)):
        times = pa.array([MOMENT.replace(tzinfo=None)] * 3, pa.timestamp("ms", tz=zone))
        parquet = tmp_path / f"{zone}.parquet"
        pq.write_table(
            pa.table({"post_id": ["1", "2", "3"], "account_id": ["a"] * 3, "created_at": times}), parquet
        )
        if ok:
            assert load(parquet)["posts"][0]["time"] == MOMENT
        else:
            with pytest.raises(BadTime):
                load(parquet)


moments = st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.lists(moments, min_size=1, max_size=5), st.integers(-14 * 4, 14 * 4))
def test_any_moment_at_any_offset_comes_back(times: list[datetime], quarters: int) -> None:
    from datetime import timezone

    zone = timezone(timedelta(minutes=15 * quarters))
    assert read(*[moment.astimezone(zone).isoformat() for moment in times]) == times
