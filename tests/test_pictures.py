"""Images and videos on the user's disk: their looks, whose they are, and what becomes of those that fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rows

import concerted as co
from concerted.cli import main
from concerted.engines import open_engine
from concerted.errors import InputError, MissingExtra
from concerted.sources.pictures import hashing
from concerted.sources.pictures.folder import SEVERAL, Folder, listing
from concerted.sources.pictures.hashing import BROKEN, FLAT, NO_PICTURE, TOO_LARGE, look
from concerted.sources.pictures.pdq import pdq
from concerted.traces import Media

pytest.importorskip("PIL", reason="pillow is not installed")
pytest.importorskip("cv2", reason="opencv is not installed")

from pictures import film, picture, save

# hash and quality by the published implementation (pdqhash 0.2.8, its bits in the order of its C++ form)
PUBLISHED = {
    (1, 64, 64): "3b56a984b5055d0401ef0bfa5fa3f1da5fab101a82eb257abf450159dbb078a5",
    (2, 240, 320): "c80f2925dc34b62ade907df22bc0fab170152f4f97d4440bb7ded65422043d5f",
    (3, 513, 211): "48fa77ca6ac5bf88ced36b982a4c00fdfe0214ea21af14f4c3ea460f0ca5faf0",
    (4, 129, 257): "eaad552f487f2a556d4bfad66284eb4405c48a74b8b4ebd590ea34ab7a5b40a1",
}


def apart(one: str | None, other: str | None) -> int:
    return (int(one or "0", 16) ^ int(other or "0", 16)).bit_count()


@pytest.mark.parametrize("shape", PUBLISHED)
def test_the_hash_is_the_published_one_bit_by_bit(shape: tuple[int, int, int]) -> None:
    assert pdq(picture(*shape)) == (PUBLISHED[shape], 100)


def test_a_picture_with_nothing_in_it_has_no_quality() -> None:
    assert pdq(np.full((80, 90, 3), 200, np.uint8))[1] == 0


def test_copies_are_near_and_other_pictures_far(tmp_path: Path) -> None:
    whole = look(save(tmp_path / "a.png", 7)).hash
    copies = [
        save(tmp_path / "a.jpg", 7, quality=40),
        save(tmp_path / "half.jpg", 7, (320, 240)),
        save(tmp_path / "a.webp", 7),
        save(tmp_path / "a.gif", 7),
        save(tmp_path / "large.jpg", 7, (2000, 1500)),
    ]
    assert all(look(copy).kind == "image" and apart(look(copy).hash, whole) <= 31 for copy in copies)
    others = [save(tmp_path / f"o{seed}.png", seed) for seed in (1, 2, 3, 4, 5)]
    assert all(apart(look(other).hash, whole) > 60 for other in others)


def test_transparent_parts_are_white_and_turned_photos_upright(tmp_path: Path) -> None:
    from PIL import Image

    image = Image.fromarray(picture(5))
    image.save(tmp_path / "plain.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    image.rotate(90, expand=True).save(tmp_path / "turned.png", exif=exif)
    assert apart(look(tmp_path / "turned.png").hash, look(tmp_path / "plain.png").hash) <= 31
    mask = Image.fromarray((np.indices((120, 160)).sum(0) % 40 > 20).astype(np.uint8) * 255)
    clear = image.copy()
    clear.putalpha(mask)
    clear.save(tmp_path / "clear.png")
    Image.composite(image, Image.new("RGB", image.size, "white"), mask).save(tmp_path / "white.png")
    assert apart(look(tmp_path / "clear.png").hash, look(tmp_path / "white.png").hash) <= 4


def test_what_cannot_be_told_has_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "empty.png").write_bytes(b"")
    # a playlist may send a decoder to the network, PostScript is a program
    (tmp_path / "list.mp4").write_text("#EXTM3U\nhttp://127.0.0.1:9/segment.ts\n")
    (tmp_path / "prog.png").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n")
    for name in ("text.jpg", "empty.png", "list.mp4", "prog.png"):
        assert look(tmp_path / name).reason == NO_PICTURE, name
    whole = save(tmp_path / "whole.png", 3).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 3])
    assert look(tmp_path / "cut.png").reason == BROKEN
    (tmp_path / "cut.mp4").write_bytes(b"\0\0\0\x20ftypisom" + b"\0" * 400)
    assert look(tmp_path / "cut.mp4").reason == BROKEN
    assert look(tmp_path / "gone.png").reason == BROKEN
    Image.new("RGB", (300, 200), "grey").save(tmp_path / "flat.png")
    assert look(tmp_path / "flat.png").reason == FLAT
    monkeypatch.setattr(hashing, "LARGEST", 1000)
    assert look(tmp_path / "whole.png").reason == TOO_LARGE


@pytest.mark.parametrize(("name", "copy"), [("a.avi", "b.avi"), ("a.mp4", "b.mp4")])
def test_videos_are_their_pictures_second_by_second(tmp_path: Path, name: str, copy: str) -> None:
    first = look(film(tmp_path / name, [1, 2, 3, 4, 5]))
    assert (first.kind, first.hash_kind) == ("video", "vpdq")
    assert first.hash is not None and len(first.hash.split(".")) == 5
    small = look(film(tmp_path / copy, [1, 2, 3, 4, 5], (240, 180)))
    other = look(film(tmp_path / f"o{name}", [6, 7, 8, 9, 10]))
    posts = rows.posts(
        *(
            {"account": account, "time": "09:00:00", "media": [one._asdict() | {"id": None}]}
            for account, one in (("a", first), ("b", small), ("c", other))
        )
    )
    events, objects, *_ = Media().events(posts, open_engine())
    crowds = sorted(row["crowd"] for row in objects.to_pylist())
    assert crowds == [1, 2] and len(events) == 3


def test_missing_libraries_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "a.png", 1)
    monkeypatch.setattr(hashing, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'concerted\[media\]'"):
        look(path)


def posts_with(*media: tuple[str, list[dict[str, Any]]]) -> Any:
    return rows.posts(
        *(
            {"account": f"a{place}", "post": post, "time": f"09:00:{place:02d}", "media": items}
            for place, (post, items) in enumerate(media)
        )
    ).to_arrow()


def medium(name: str | None, digest: str | None = None, kind: str | None = None) -> dict[str, Any]:
    return {"id": name, "kind": "photo", "hash": digest, "hash_kind": kind}


def test_files_are_found_by_id_address_path_and_post(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    names = ["7001.png", "Fab_9.png", "photos/photo_1@01.png", "900000001_1.png", "bafkcid.png", ".7002.png"]
    for seed, name in enumerate(names, 1):
        save(tmp_path / name, seed)
    folder = Folder(str(tmp_path))
    out = folder.hashed(
        posts_with(
            ("1", [medium("7001")]),
            ("2", [medium("https://cdn.example/media/Fab_9.png?name=orig")]),
            ("3", [medium("photos/photo_1@01.png", None, "file")]),
            ("900000001", []),
            ("5", [medium(None, "bafkcid", "cid")]),
            ("6", [medium("7002"), medium("7003")]),
            ("9000", []),
        )
    )
    found = [[(one["hash_kind"], one["hash"]) for one in items] for items in out["media"].to_pylist()]
    looks = [look(tmp_path / name).hash for name in names]
    assert found == [
        *([("pdq", looks[place])] for place in range(5)),
        [(None, None), (None, None)],
        [],
    ]
    assert (
        "5 of its 5 files belong to posts and were hashed; 2 of 6 images or videos named by" in folder.says()
    )


def test_two_files_of_one_name_belong_to_nobody_unless_they_look_the_same(tmp_path: Path) -> None:
    for place, seed in (("one", 1), ("two", 2), ("three", 1)):
        (tmp_path / place).mkdir()
        save(tmp_path / place / "x.png", seed)
        save(tmp_path / place / "same.png", 9)
    folder = Folder(str(tmp_path))
    out = folder.hashed(
        posts_with(("1", [medium("x")]), ("2", [medium("same")]), ("3", [medium("one/x.png")]))
    )
    kinds = [items[0]["hash_kind"] for items in out["media"].to_pylist()]
    assert kinds == [None, "pdq", "pdq"]
    (row,) = folder.ledger("posts.csv").to_pylist()
    assert (row["reason"], row["count"], row["example"]) == (f"media: {SEVERAL}", 1, "x")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="check --media-folder"):
        Folder(str(tmp_path / "nowhere"))
    assert listing(str(tmp_path / "nowhere")) is None


def export(path: Path, days: int = 12) -> Path:
    """Three accounts that post copies of one picture a day within seconds, now one first and now another,
    among others with pictures of their own."""
    lines = []
    for day in range(days):
        date = f"2024-03-{day + 1:02d}T"
        for account in range(3):
            second = 3 * ((account + day) % 3)
            lines.append((f"c{account}", f"{date}10:00:{second:02d}Z", f"d{day}c{account}"))
        lines += [
            (f"o{account}", f"{date}{12 + account}:07:31Z", f"d{day}o{account}") for account in range(6)
        ]
    items = [
        {
            "post_id": str(70_000_000 + place),
            "author_id": who,
            "created_at": when,
            "text": "x",
            "media_id": name,
        }
        for place, (who, when, name) in enumerate(lines)
    ]
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    return path


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """The pictures of `export`: each group member's own copy, and a file that is none."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for day in range(12):
        for account, (size, quality) in enumerate((((640, 480), 90), ((320, 240), 50), ((500, 375), 70))):
            save(folder / f"d{day}c{account}.jpg", 20 + day, size, quality=quality)
    (folder / "d0o0.jpg").write_text("broken")
    return folder


def test_from_files_on_disk_to_a_group(tmp_path: Path, pictures: Path) -> None:
    path, case = export(tmp_path / "posts.jsonl"), tmp_path / "case"
    assert co.detect(path, into=case, traces=["media"]).groups == []
    found = co.detect(path, into=case, media_folder=str(pictures))
    (group,) = found.groups
    assert sorted(one.account_id for one in group.accounts) == ["c0", "c1", "c2"]
    assert group.why[0].startswith("3 accounts posted the same 12 images or videos")
    assert any("36 of its 37 files belong to posts and were hashed" in line for line in found.limits)
    assert found.made.inputs[0].no_event["media"][NO_PICTURE] == 1
    assert found.made.settings["read"][0]["media_folder"] == "pictures"
    assert str(tmp_path) not in found.to_json().decode()


def test_a_case_knows_when_its_pictures_change(tmp_path: Path, pictures: Path) -> None:
    path, case = export(tmp_path / "posts.jsonl"), tmp_path / "case"

    def run(*files: Path, **options: Any) -> list[str]:
        said: list[str] = []
        co.detect(*files, into=case, say=said.append, **options)
        return [line for line in said if line.startswith("read")]

    assert run(path, media_folder=str(pictures), traces=["media"]) == ["read: posts.jsonl"]
    assert run() == []
    save(pictures / "d0o1.jpg", 3)
    assert run() == ["read: posts.jsonl: again, because its input has changed"]
    pictures.rename(tmp_path / "away")
    assert run() == []
    with pytest.raises(InputError, match="check --media-folder"):
        co.detect(path, into=case, media_folder=str(pictures), platform="x")


def test_the_command_takes_the_folder(
    tmp_path: Path, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = export(tmp_path / "posts.jsonl")
    assert main(["inspect", str(path), "--media-folder", str(pictures)]) == 0
    told = capsys.readouterr().out
    assert "36 of its 37 files belong to posts" in told
    assert main(["inspect", str(path), "--media-folder", str(tmp_path / "nowhere")]) == 3
    assert "no folder of images and videos is there" in capsys.readouterr().out
