"""Who posted which image or video when."""

from __future__ import annotations

import re
from base64 import b32decode
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from typing import Annotated, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Meta

from concerted.engines import Engine
from concerted.settings import option
from concerted.table import Table
from concerted.traces import LADDER
from concerted.traces.likeness import NEAR, leaders
from concerted.traces.missing import missing
from concerted.traces.work import RESHARED, Form, Traced, Work, unfold

PERCEPTUAL = ("pdq", "vpdq")
NAME_ONLY = "file"  # as kind of hash: the id is the name of a file, which others may have, too
RAW = "bafkrei"  # how content ids begin that are the SHA-256 of a file as it is (multiformats.io/cid)
HEXADECIMAL = re.compile(r"[0-9A-Fa-f]+")
SHORTEST_FLAT = 16  # characters: shorter ones may be numbers that a data set gave its images

# where an image stands for others: the one that most accounts posted, the earliest, the smallest
ORDER = """
select digest from used where perceptual group by digest
order by count(distinct account) desc, min(time), digest
"""


@dataclass(frozen=True)
class Media:
    """Accounts that post the same image or video.

    What it sees: the first time each account posted a file, told by the content hash or id that the export
    carries, or by the look of the file where `media_folder` names a folder that holds it; nothing is fetched.
    Equal hashes and ids are the same file. Perceptual hashes (PDQ) of images show the same where they differ
    in few bits: scaled, compressed or slightly retouched copies. Those of videos do where four of five
    pictures, one a second, are alike. All members are near one image, so that likeness does not chain. A
    crop, a mirror or a caption across the image is not recognised. A hash that repeats one character belongs
    to an empty picture and is no object. Reshares are left out, because the reshare trace counts them.

    Null model: the times of the other accounts that posted the same file, at the same distance from its
    first appearance; for files that hardly anybody else posted, the accounts' own promptness.

    Innocent explanations: a press photo, a popular joke, the preview picture of a shared article, a party's
    sharepic that members are asked to post.

    Example: seven pages post the same eleven pictures within ten minutes of each other on eleven days.

    References: Pacheco et al. 2021, ICWSM 15; Ng, Moffitt and Carley 2022, "Coordinated through a web of
    images", arXiv:2206.03576; Davis and Rosen 2019, "PDQ and TMK + PDQF", Facebook; Norouzi, Punjani and
    Fleet 2012, CVPR.
    """

    bits: Annotated[int, Meta(ge=0, le=NEAR)] = option(
        NEAR, "bits of 256 in which perceptual hashes (PDQ) of one image may differ, at most"
    )

    name: ClassVar[str] = "media"
    horizons: ClassVar[tuple[tuple[int, int], ...]] = LADDER
    needs: ClassVar[tuple[str, ...]] = ("media",)

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of files. Object: hash kind and hash, of perceptual hashes that of the image all are
        near; else platform and id."""
        work = Work(self.name, posts, engine)
        work.left_out_where("reshares, which the reshare trace counts", RESHARED)
        rows = work.query(
            "select post, account, time, resolution_s, file, coalesce(platform, 'web') as platform, media "
            f"from posts where not {RESHARED}"
        )
        bare = pc.equal(pc.fill_null(pc.list_value_length(rows["media"]), 0), 0)
        work.left_out("posts without an image or video", rows.filter(bare)["file"])
        rows = _parts(unfold(rows.filter(pc.invert(bare)), "media"))
        near = self._near(work, rows)
        objects, reasons = [], []
        for row in rows.select(["platform", "id", "digest", "hash_kind"]).to_pylist():
            one = _form(near, **row)
            objects.append(one.object)
            reasons.append(one.reason or None)
        named = pa.array(objects, pa.string())
        # a look in full says no more to a person than its beginning
        short = pc.replace_substring_regex(named, r"^(pdq:.{12}).+", r"\1…")
        label = pc.binary_join_element_wise(pc.fill_null(rows["kind"], "image or video"), short, " ")
        rows = rows.append_column("object", named).append_column("label", label)
        return work.finish([work.keep(rows, pa.array(reasons, pa.string()))])

    def _near(self, work: Work, rows: pa.Table) -> dict[str, str]:
        """Of each perceptual hash the one it is shown as."""
        perceptual = pc.fill_null(pc.is_in(rows["hash_kind"], pa.array(PERCEPTUAL)), False)
        used = rows.select(["account", "time", "digest"]).append_column("perceptual", perceptual)
        known = work.query(ORDER, used=used)["digest"].to_pylist()
        near = leaders((one for one in known if one and not _flat(one)), self.bits)
        merged = len(near) - len(set(near.values()))
        if merged:
            work.say(
                "near images",
                merged,
                f"media: {len(near):,} looks of images and videos stand for {len(near) - merged:,}: those "
                f"that differ from one of them in at most {self.bits} of 256 bits count as that one",
            )
        return near


def _parts(rows: pa.Table) -> pa.Table:
    """One column per part of a medium: id, kind, hash_kind, and the hash as `digest`, perceptual ones in
    small letters."""
    media = rows["label"]
    parts = {name: pc.struct_field(media, name) for name in ("id", "kind", "hash", "hash_kind")}
    digest = pc.utf8_trim_whitespace(parts.pop("hash"))
    perceptual = pc.fill_null(pc.is_in(parts["hash_kind"], pa.array(PERCEPTUAL)), False)
    parts["digest"] = pc.if_else(perceptual, pc.utf8_lower(digest), digest)
    rows = rows.drop_columns(["label"])
    for name, column in parts.items():
        rows = rows.append_column(name, column)
    return rows


def _form(
    near: dict[str, str], platform: str, id: str | None, digest: str | None, hash_kind: str | None
) -> Form:
    if digest is not None and not missing(digest):
        if _flat(digest):
            return Form(None, "images without content")
        kind, shown = _spelled(hash_kind or "hash", near.get(digest, digest))
        if "." in shown:
            shown = blake2b(shown.encode(), digest_size=8).hexdigest()
        return Form(f"{kind}:{shown}")
    if id is None or missing(id):
        return Form(None, "images or videos without id and hash")
    if hash_kind == NAME_ONLY:
        return Form(None, "images or videos known by the name of a file only, not by what is in it")
    return Form(f"{platform}:{id.strip()}")


def _spelled(kind: str, digest: str) -> tuple[str, str]:
    """Kind and hash as every export of the same file has them: hexadecimals in small letters, and the content
    id of a file as the SHA-256 that it is."""
    if kind == "cid" and digest.startswith(RAW):
        letters = digest[1:].upper()
        with suppress(ValueError):
            return "sha256", b32decode(letters + "=" * (-len(letters) % 8))[4:].hex()
    return kind, digest.lower() if HEXADECIMAL.fullmatch(digest) else digest


def _flat(digest: str) -> bool:
    return len(digest) >= SHORTEST_FLAT and len(set(digest)) == 1
