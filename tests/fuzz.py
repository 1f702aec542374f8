"""Damaged exports by the thousand: every one is read with all records counted, or refused in one sentence.

    uv run python tests/fuzz.py --count 5000 --seed 7 [--data DIR]

Takes small exports written here, and with `--data` every file of that folder up to 300 kB, damages each as
disks, spreadsheets, transfers and hostile people do, and reads it. Exits with 1 on the first that escapes,
which is kept and named.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import json
import random
import sys
import tarfile
import tempfile
import warnings
import zipfile
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from concerted.errors import ConcertedError
from concerted.stages.read import Read, read_file

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_NASTY = (
    b"\x00", b'"', b"'", b"\\", b"\n", b"\r\n", b"\r", b",", b";", b"\t", b"\xff", b"\xed\xa0\x80",
    b"\xef\xbb\xbf", b"{", b"}", b"[", b"]", b'""', b"9" * 400, b"1e400", b"-1", b"NaN", b"null",
    b"\xe2\x80\xae", b"\\ud800", b"\\u0000", b"9.06E+17", b"0001-01-01T00:00:00Z", b"[" * 3000,
    b"9999-12-31T23:59:60Z", b"=cmd|' /C calc'!A0",
)  # fmt: skip


def samples() -> dict[str, bytes]:
    """Small sound exports, by name."""
    rows = [
        {
            "post_id": str(1_500_000_000_000_000_000 + number * 4_099),
            "account_id": f"a{number % 7}",
            "created_at": f"2024-01-01T00:{number // 60:02d}:{number % 60:02d}Z",
            "text": f'she said "so", größer, line\nbreak {number} #tag https://example.org/{number % 5}',
            "hashtags": ["tag"],
            "retweet_of_post_id": str(1_500_000_000_000_000_000 + number % 3 * 4_099)
            if number % 4 == 0
            else "",
            "user": {"screen_name": f"n{number % 7}", "location": "secret", "followers_count": number},
        }
        for number in range(60)
    ]
    lines = "\n".join(json.dumps(row, ensure_ascii=number % 2 == 0) for number, row in enumerate(rows)) + "\n"
    names = [name for name in rows[0] if name != "user"]
    quote = '"'
    table = "".join(
        ",".join(f'"{str(row[name]).replace(quote, quote * 2)}"' for name in names) + "\n" for row in rows
    )
    csv = ",".join(names) + "\n" + table
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("a/posts.csv", csv)
        zipped.writestr("posts.jsonl", lines)
        zipped.writestr("notes.txt", "words")
    columns, whole = BytesIO(), BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), columns)
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        for name, data in (("posts.csv", csv.encode()), ("posts.parquet", columns.getvalue())):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, BytesIO(data))
    return {
        "posts.parquet": columns.getvalue(),
        "posts.tar.gz": whole.getvalue(),
        "posts.jsonl.zst": zstd.compress(lines.encode()),
        "posts.csv": csv.encode(),
        "posts.tsv": csv.replace('","', '"\t"').replace(",", "\t", len(names) - 1).encode("utf-16"),
        "posts.jsonl": lines.encode(),
        "posts.json": json.dumps(rows, indent=1).encode(),
        "posts.csv.gz": gzip.compress(csv.encode()),
        "posts.jsonl.bz2": bz2.compress(lines.encode()),
        "posts.zip": packed.getvalue(),
    }


def damage(data: bytes, chance: random.Random) -> bytes:
    """The same with one to four things wrong in it."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(8)
        if kind == 0:
            data = data[:at]
        elif kind == 1:
            data = data[at:]
        elif kind == 2:
            data = data[:at] + chance.choice(_NASTY) + data[at:]
        elif kind == 3:
            data = (
                data[:at]
                + bytes(chance.randrange(256) for _ in range(chance.randint(1, 20)))
                + data[at + 5 :]
            )
        elif kind == 4:
            end = min(len(data), at + chance.randint(1, 2_000))
            data = data[:end] + data[at:end] + data[end:]
        elif kind == 5:
            lines = data.split(b"\n")
            chance.shuffle(lines)
            data = b"\n".join(lines)
        elif kind == 6:
            data = data.replace(chance.choice((b",", b'"', b":", b"T", b"0")), chance.choice(_NASTY), 2)
        else:
            data = data[: at // 2] + data[at // 2 + chance.randint(1, 50) :]
    return data


def check(path: Path) -> str:
    """How reading a file ends: `read` or `refused`. Raises AssertionError where a record is lost, and
    whatever reading raises that is not meant for people."""
    posts = accounts = lost = records = used = 0
    try:
        for name, chunk in read_file(path, Read()):
            if name == "posts":
                posts += chunk.num_rows
            elif name == "ledger":
                lost += sum(chunk["count"].to_pylist())
                assert all(chunk["reason"].to_pylist()), "a reason is missing"
            elif name == "inputs":
                row = chunk.to_pylist()[0]
                records += row["records"]
                used += row["posts"]
                accounts += row["accounts"]
    except ConcertedError as error:
        assert 0 < len(str(error)) < 5_000 and "\n" not in str(error), f"not one line: {str(error)[:2_000]}"
        return "refused"
    assert records == posts + accounts + lost and used == posts, (
        f"{records} records: {posts}, {accounts}, {lost}"
    )
    return "read"


def run(count: int, seed: int, sound: dict[str, bytes], folder: Path) -> dict[str, int]:
    """Damages and reads so many files; how they ended. Raises what `check` raises, naming the file."""
    chance = random.Random(seed)
    ended = {"read": 0, "refused": 0}
    names = sorted(sound)
    for number in range(count):
        name = names[number % len(names)]
        path = folder / f"{number:06d}-{name}"
        path.write_bytes(damage(sound[name], chance))
        try:
            ended[check(path)] += 1
        except BaseException as error:
            error.add_note(f"while reading {path}")
            raise
        path.unlink()
    return ended


def main() -> int:
    """Runs it; the exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=2_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--data", type=Path)
    given = options.parse_args()
    sound = samples()
    if given.data:
        found = [p for p in sorted(given.data.rglob("*")) if p.is_file() and p.stat().st_size <= 300_000]
        sound |= {str(p.relative_to(given.data)).replace("/", "-"): p.read_bytes() for p in found}
    warnings.simplefilter("error")
    ended = run(given.count, given.seed, sound, Path(tempfile.mkdtemp(prefix="concerted-fuzz-")))
    sys.stdout.write(f"{given.count:,} files of {len(sound)} samples: {ended}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
