"""From frames to rows of posts, accounts and ledger, by a recipe. Every source ends here, so ids, clocks
and losses are treated alike whatever the format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from concerted import schema
from concerted.parallel import in_parallel
from concerted.sources import cells, ids, lists, merging, profiles
from concerted.sources.clock import plausible
from concerted.sources.frame import Flags, Frame, Numbers
from concerted.sources.kinds import kinds, parents
from concerted.sources.ledger import Ledger
from concerted.sources.naming import listed
from concerted.sources.opening import Opened
from concerted.sources.recipe import LISTS, Options, Recipe
from concerted.sources.survey import Survey
from concerted.sources.twice import Twice

Chunks = Iterator[tuple[str, pa.Table]]


def read(opened: Opened, recipe: Recipe, options: Options, source: str) -> Chunks:
    """Posts, accounts, ledger and one row of inputs of a file.

    Clocks and ids are judged by whole columns before any row is used.
    Raises DamagedIds and BadTime.
    """
    survey = Survey(opened, recipe, options)
    frames = Twice(opened, recipe, survey.wanted())
    for frame in frames.first():
        survey.look(frame)
    sample = opened.sample.with_columns({})  # what its ids are is a matter of this recipe
    survey.settle(recipe.prepared(sample) if recipe.prepared and len(sample) else sample)
    ledger = Ledger(opened.file)
    tally = {"posts": 0, "accounts": 0, "resolution": 0.0}
    if recipe.profiles:
        yield from _profiles(survey, frames.again(), ledger, tally)
    else:
        yield from _posts(survey, frames.again(), ledger, tally)
    yield "ledger", ledger.table()
    yield (
        "inputs",
        schema.rows(
            "inputs",
            file=[opened.file],
            source=[source],
            clock=[survey.clock_says if tally["posts"] else "no posts"],
            resolution_s=[tally["resolution"] or None],
            records=[survey.records],
            columns=[recipe.shown()],
            capability=[[f"note: {note}" for note in _notes(survey)]],
        ),
    )


def _notes(survey: Survey) -> list[str]:
    withheld = survey.opened.withheld
    told = [f"never read, since they can identify or locate a person: {listed(withheld)}"] if withheld else []
    twice = survey.opened.dialect.twice if survey.opened.dialect else ()
    if twice:
        told.append(f"columns have one name, and the first of each is read, not {listed(twice)}")
    return [*dict.fromkeys(survey.notes), *survey.cut_says, *told]


def _posts(survey: Survey, frames: Iterable[Frame], ledger: Ledger, tally: dict[str, float]) -> Chunks:
    observed: list[pa.Table] = []
    waiting: list[pa.Table] = []
    keep_profiles = profiles.has_profile(survey)

    def shaped(frame: Frame) -> tuple[Ledger, pa.Table | None, pa.Table | None]:
        """What is left out, posts and profiles of a frame; several are shaped at a time."""
        lost = Ledger(survey.opened.file)
        for one in frame.spoiled:
            lost.add(one.row, one.reason, one.example)
        posts, kept = _shape(survey, frame, lost) if len(frame) else (None, frame)
        if posts is None or not posts.num_rows:
            return lost, None, None
        return lost, posts, _profiled(survey, kept, posts) if keep_profiles else None

    for lost, posts, told in in_parallel(shaped, frames):
        ledger.take(lost)
        if posts is None:
            continue
        tally["resolution"] = max(tally["resolution"], pc.max(posts["resolution_s"]).as_py() or 0.0)
        if told is not None:
            observed.append(told)
            if sum(len(part) for part in observed) >= profiles.MANY:
                # what is known of accounts must not grow with the file: condensed, or else handed on
                observed = [profiles.condense(observed)]
                if len(observed[0]) >= profiles.MANY // 2:
                    yield "accounts", observed.pop()
        tally["posts"] += posts.num_rows
        if survey.recipe.merge:
            waiting.append(posts)
        else:
            yield "posts", posts
    if waiting:
        merged, joined = merging.join_rows(pa.concat_tables(waiting))
        ledger.add_all(joined, "further row of a post that an earlier row began: joined to it")
        tally["posts"] = merged.num_rows
        yield "posts", merged
    if observed:
        yield "accounts", profiles.condense(observed)


def _profiled(survey: Survey, frame: Frame, posts: pa.Table) -> pa.Table:
    """What a frame says about the accounts of its posts."""
    platform, seen = (posts[name].combine_chunks() for name in ("platform", "time"))
    told = profiles.observe(survey, frame, survey.ids(frame, "account"), platform, seen)
    return told.filter(told["account"].is_valid())


def _profiles(survey: Survey, frames: Iterable[Frame], ledger: Ledger, tally: dict[str, float]) -> Chunks:
    """Each row of a list of accounts is an observation, one that repeats an earlier row too."""
    for frame in frames:
        for lost in frame.spoiled:
            ledger.add(lost.row, lost.reason, lost.example)
        if not len(frame):
            continue
        account_id = survey.ids(frame, "account")
        keep = _without(
            survey, frame, ledger, {"no account": ~ids.present(account_id)}, "account", account_id
        )
        frame, account_id = _pick(frame, keep), account_id.filter(pa.array(keep))
        platform = _platform(survey, frame)
        table = profiles.observe(survey, frame, account_id, platform, pa.nulls(len(frame), schema.TIME))
        tally["accounts"] += table.num_rows
        yield "accounts", table.combine_chunks()


def _platform(survey: Survey, frame: Frame) -> pa.Array:
    default = survey.options.platform or survey.recipe.platform
    named = cells.first_of(frame, survey.recipe.columns.get("platform", ()), cells.platforms)
    if survey.options.platform:
        return pa.repeat(default, len(frame))
    return pc.coalesce(named, pa.scalar(default)).cast(pa.string())


def _pick(frame: Frame, keep: Flags) -> Frame:
    if keep.all():
        return frame
    mask = pa.array(keep)
    return Frame({name: column.filter(mask) for name, column in frame.columns.items()}, frame.rows[keep])


def _without(
    survey: Survey, frame: Frame, ledger: Ledger, lost: dict[str, Flags], role: str, damaged: pa.Array
) -> Flags:
    """Which records stay; the others go to the ledger under the first reason that holds."""
    keep: Flags = np.ones(len(frame), bool)
    reasons = {f"damaged {role} id, set aside as asked": survey.damaged(role, damaged), **lost}
    for reason, hit in reasons.items():
        gone = np.flatnonzero(hit & keep)
        if len(gone):
            ledger.add_all(frame.rows[gone].tolist(), reason, _examples(survey, frame, gone[:20].tolist()))
        keep &= ~hit
    return keep


def _examples(survey: Survey, frame: Frame, places: list[int]) -> list[str]:
    columns = [
        frame.column(name)
        for role in ("account", "time", "text")
        for name in survey.recipe.columns.get(role, ())
    ]
    return [
        " · ".join(str(column[place].as_py()) for column in columns if column[place].is_valid)
        for place in places
    ]


def _shape(survey: Survey, frame: Frame, ledger: Ledger) -> tuple[pa.Table, Frame]:
    account_id, post = survey.ids(frame, "account"), survey.ids(frame, "post")
    micros, known, resolution = survey.best_times(frame, post)
    stated = np.zeros(len(frame), bool)
    for clock in () if known.all() else survey.clocks:
        column = frame.column(clock.column)
        stated |= ids.present(cells.text(column) if pa.types.is_string(column.type) else column)
    lost = {
        "damaged post id, set aside as asked": survey.damaged("post", post),
        "no account": ~ids.present(account_id) & (not survey.recipe.anonymous),
        "no time": ~known & ~stated,
        "time cannot be read, says no zone, or is two moments where clocks changed": ~known & stated,
    }
    if not survey.recipe.unit:
        lost["time outside 2000 to 2100"] = known & ~plausible(micros)
    keep = _without(survey, frame, ledger, lost, "account", account_id)
    frame = _pick(frame, keep)
    return _table(survey, frame, micros[keep], resolution[keep]), frame


def _table(survey: Survey, frame: Frame, micros: Numbers, resolution: npt.NDArray[np.float64]) -> pa.Table:
    recipe = survey.recipe
    account_id, post = survey.ids(frame, "account"), survey.ids(frame, "post")
    platform = _platform(survey, frame)
    rows = pa.array(frame.rows, pa.int64())
    if recipe.within:
        post = pc.binary_join_element_wise(account_id, post, "/")
    if post.null_count:
        own = pc.binary_join_element_wise(pa.scalar(survey.opened.file), rows.cast(pa.string()), "#")
        post = pc.coalesce(post, own)

    def text(role: str) -> pa.Array:
        return cells.first_of(frame, recipe.columns.get(role, ()), cells.text)

    def moment(role: str) -> pa.Array:
        if role not in survey.others:
            return pa.nulls(len(frame), schema.TIME)
        return profiles.moments(*survey.others[role].read(frame.column(recipe.columns[role][0])))

    return schema.rows(
        "posts",
        post=post,
        account=pc.binary_join_element_wise(platform, account_id, ":"),
        time=profiles.moments(micros, np.ones(len(frame), bool)),
        resolution_s=pa.array(resolution, pa.float64()),
        text=text("text"),
        **parents(survey, frame, kinds(survey, frame), micros, account_id, platform),
        thread=survey.sound("thread", survey.ids(frame, "thread"), micros),
        **{role: _lists(recipe, frame, role) for role in LISTS},
        media=_media(recipe, frame),
        client=cells.first_of(frame, recipe.columns.get("client", ()), cells.words),
        lang=text("lang"),
        platform=platform,
        link=text("link"),
        deleted=moment("deleted"),
        collected=moment("collected"),
        query=text("query"),
        reshares_total=cells.first_of(frame, recipe.columns.get("reshares_total", ()), cells.counts).cast(
            pa.int64()
        ),
        file=pa.repeat(survey.opened.file, len(frame)),
        row=rows,
    )


def _lists(recipe: Recipe, frame: Frame, role: str) -> pa.Array:
    """Lists of one role; null where the file has no such column at all."""
    parts = [lists.read_lists(frame.column(name), role) for name in recipe.columns.get(role, ())]
    for name in recipe.columns.get(f"{role}_id", ()):
        parts.append(_single(ids.clean(frame.column(name))))
    if role == "urls":
        for name in recipe.columns.get("domain", ()):
            named = ids.clean(frame.column(name))
            parts.append(_single(pc.binary_join_element_wise(pa.scalar("domain:"), named, "")))
    if role == "mentions" and recipe.has("target"):
        hit = pc.equal(cells.text(frame.column(recipe.columns["kind"][0])), "mention")
        other = pc.equal(cells.text(frame.column(recipe.columns["kind"][0])), "MT")
        named = ids.clean(frame.column(recipe.columns["target"][0]))
        parts.append(_single(pc.if_else(pc.or_(hit, other), named, pa.scalar(None, pa.string()))))
    if not parts:
        return pa.nulls(len(frame), schema.TEXTS)
    if len(parts) == 1:
        return parts[0]
    joined = zip(*(part.to_pylist() for part in parts), strict=True)
    return pa.array(
        [list(dict.fromkeys(x for cell in each for x in cell or ())) for each in joined], schema.TEXTS
    )


def _single(values: pa.Array) -> pa.Array:
    return pa.array([[] if value is None else [value] for value in values.to_pylist()], schema.TEXTS)


def _media(recipe: Recipe, frame: Frame) -> pa.Array:
    if not any(recipe.has(role) for role in ("media", "media_items", "media_hash")):
        return pa.nulls(len(frame), schema.MEDIA)
    found: list[list[dict[str, str | None]]] = [[] for _ in range(len(frame))]
    ours = [name for name in recipe.columns.get("media", ()) if lists.is_media(frame.column(name))]
    for name in recipe.columns.get("media", ()):
        if name in ours:
            continue
        for place, items in enumerate(lists.read_lists(frame.column(name), "media").to_pylist()):
            found[place] += [{"id": item, "kind": None, "hash": None, "hash_kind": None} for item in items]
    for name in (*ours, *recipe.columns.get("media_items", ())):
        for place, own in enumerate(lists.read_media(frame.column(name))):
            found[place] += own
    for name in recipe.columns.get("media_hash", ()):
        for place, value in enumerate(ids.clean(frame.column(name)).to_pylist()):
            if value is not None:
                found[place].append(
                    {"id": None, "kind": "image", "hash": value, "hash_kind": recipe.hash_kind}
                )
    return pa.array(found, schema.MEDIA)
