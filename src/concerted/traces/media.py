"""Who posted which image or video when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from concerted.engines import Engine
from concerted.table import Table
from concerted.traces import LADDER
from concerted.traces.missing import missing
from concerted.traces.work import RESHARED, Traced, Work, unfold


@dataclass(frozen=True)
class Media:
    """Accounts that post the same image or video.

    What it sees: the first time each account posted a file, told by the content hash or id that the export
    carries; nothing is downloaded. Only equal hashes are the same file. A hash that repeats one character
    belongs to an empty picture and is no object. Reshares are left out, because the reshare trace counts
    them.

    Null model: the times of the other accounts that posted the same file, at the same distance from its
    first appearance; for files that hardly anybody else posted, the accounts' own promptness.

    Innocent explanations: a press photo, a popular joke, the preview picture of a shared article, a party's
    sharepic that members are asked to post.

    Example: seven pages post the same eleven pictures within ten minutes of each other on eleven days.

    References: Pacheco et al. 2021, ICWSM 15; Ng, Moffitt and Carley 2022, "Coordinated through a web of
    images", arXiv:2206.03576.
    """

    name: ClassVar[str] = "media"
    horizons: ClassVar[tuple[tuple[int, int], ...]] = LADDER
    needs: ClassVar[tuple[str, ...]] = ("media",)

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of files. Object: hash kind and hash, else platform and id."""
        work = Work(self.name, posts, engine)
        work.left_out_where("reshares, which the reshare trace counts", RESHARED)
        rows = work.query(
            "select post, account, time, resolution_s, file, coalesce(platform, 'web') as platform, media "
            f"from posts where not {RESHARED}"
        )
        bare = pc.equal(pc.fill_null(pc.list_value_length(rows["media"]), 0), 0)
        work.left_out("posts without an image or video", rows.filter(bare)["file"])
        rows = unfold(rows.filter(pc.invert(bare)), "media")
        parts = {name: pc.struct_field(rows["label"], name) for name in ("id", "kind", "hash", "hash_kind")}
        objects: list[str | None] = []
        flat: list[str | None] = []
        columns = (rows["platform"].to_pylist(), *(part.to_pylist() for part in parts.values()))
        for platform, ident, _, digest, digest_kind in zip(*columns, strict=True):
            repeated = not missing(digest) and len(digest) > 1 and len(set(digest.strip())) == 1
            flat.append("images without content" if repeated else None)
            if repeated or (missing(digest) and missing(ident)):
                objects.append(None)
            elif not missing(digest):
                objects.append(f"{digest_kind or 'hash'}:{digest.strip()}")
            else:
                objects.append(f"{platform}:{ident.strip()}")
        label = pc.binary_join_element_wise(
            pc.fill_null(parts["kind"], "image or video"), pa.array(objects, pa.string()), " "
        )
        rows = rows.drop_columns(["label"]).append_column("label", label)
        rows = rows.append_column("object", pa.array(objects, pa.string()))
        unknown = pc.and_(pc.is_null(rows["object"]), pc.is_null(pa.array(flat, pa.string())))
        work.left_out("images or videos without id and hash", rows.filter(unknown)["file"])
        return work.finish([work.keep(rows, pa.array(flat, pa.string()))])
