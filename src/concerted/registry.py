"""Finds members by name: built-ins first, then the entry points of installed packages."""

from __future__ import annotations

import importlib
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from concerted.errors import ConcertedError, UnknownName

# kind -> name -> "module:attribute"; the order is the order in which sources are asked and traces run
BUILTIN: dict[str, dict[str, str]] = {
    "sources": {
        "own": "concerted.sources.own:Own",
        "x_v1": "concerted.sources.x_v1:XVersion1",
        "x_v2": "concerted.sources.x_v2:XVersion2",
        "twarc_csv": "concerted.sources.twarc_csv:TwarcCSV",
        "zeeschuimer": "concerted.sources.zeeschuimer:Zeeschuimer",
        "crowdtangle": "concerted.sources.crowdtangle:CrowdTangle",
        "meta_library": "concerted.sources.meta_library:MetaLibrary",
        "snscrape": "concerted.sources.snscrape:Snscrape",
        "x_io_archive": "concerted.sources.x_io_archive:XIOArchive",
        "ira_538": "concerted.sources.ira_538:Ira538",
        "qut": "concerted.sources.qut:Qut",
        "coortweet": "concerted.sources.coortweet:CooRTweet",
        "youtube": "concerted.sources.youtube:YouTube",
        "reddit": "concerted.sources.reddit:Reddit",
        "telegram_desktop": "concerted.sources.telegram_desktop:TelegramDesktop",
        "telegram_html": "concerted.sources.telegram_html:TelegramHtml",
        "telethon": "concerted.sources.telethon:Telethon",
        "mastodon": "concerted.sources.mastodon:Mastodon",
        "tiktok": "concerted.sources.tiktok:TikTok",
        "fourcat": "concerted.sources.fourcat:FourCat",
        "openmeasures": "concerted.sources.openmeasures:OpenMeasures",
        "bluesky": "concerted.sources.bluesky:Bluesky",
        "snap": "concerted.sources.snap:Snap",
        "table": "concerted.sources.table:AnyTable",
    },
    "traces": {
        "reshare": "concerted.traces.reshare:Reshare",
        "link": "concerted.traces.link:Link",
        "domain": "concerted.traces.domain:Domain",
        "text": "concerted.traces.text:Text",
        "hashtag": "concerted.traces.hashtag:Hashtag",
        "sequence": "concerted.traces.sequence:Sequence",
        "reply": "concerted.traces.reply:Reply",
        "quote": "concerted.traces.quote:Quote",
        "thread": "concerted.traces.thread:Thread",
        "mention": "concerted.traces.mention:Mention",
        "media": "concerted.traces.media:Media",
        "synchrony": "concerted.traces.synchrony:Synchrony",
        "deletion": "concerted.traces.deletion:Deletion",
    },
    "signals": {
        "automation": "concerted.signals.automation:Automation",
        "publisher": "concerted.signals.publisher:Publisher",
        "desk": "concerted.signals.desk:Desk",
        "client": "concerted.signals.client:Client",
        "event": "concerted.signals.event:Event",
        "boilerplate": "concerted.signals.boilerplate:Boilerplate",
        "headline": "concerted.signals.headline:Headline",
        "wire": "concerted.signals.wire:Wire",
        "quotation": "concerted.signals.quotation:Quotation",
        "appeal": "concerted.signals.appeal:Appeal",
        "crosspost": "concerted.signals.crosspost:Crosspost",
        "fandom": "concerted.signals.fandom:Fandom",
        "organisation": "concerted.signals.organisation:Organisation",
        "births": "concerted.signals.births:Births",
        "template": "concerted.signals.template:Template",
        "disguise": "concerted.signals.disguise:Disguise",
        "deficit": "concerted.signals.deficit:Deficit",
        "amplification": "concerted.signals.amplification:Amplification",
        "pileon": "concerted.signals.pileon:PileOn",
        "replacement": "concerted.signals.replacement:Replacement",
        "survival": "concerted.signals.survival:Survival",
        "provenance": "concerted.signals.provenance:Provenance",
        "rhythm": "concerted.signals.rhythm:Rhythm",
        "lineage": "concerted.signals.lineage:Lineage",
        "crossplatform": "concerted.signals.crossplatform:Crossplatform",
    },
    "exports": {
        "html": "concerted.exports.html:Html",
        "json": "concerted.exports.json:Json",
        "csv": "concerted.exports.csv:Csv",
        "parquet": "concerted.exports.parquet:Parquet",
        "gexf": "concerted.exports.gexf:Gexf",
        "graphml": "concerted.exports.graphml:GraphML",
        "stix": "concerted.exports.stix:Stix",
        "misp": "concerted.exports.misp:Misp",
        "bundle": "concerted.exports.bundle:Bundle",
        "targets": "concerted.exports.targets:Targets",
    },
    "engines": {"duckdb": "concerted.engines.duckdb:DuckDB", "spark": "concerted.engines.spark:Spark"},
}


@cache
def _outside(kind: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=f"concerted.{kind}")}


def names(kind: str) -> list[str]:
    """Names of all members of a kind: built-ins in their order, then those of other packages."""
    builtin = BUILTIN[kind]
    return [*builtin, *sorted(name for name in _outside(kind) if name not in builtin)]


def find(kind: str, name: str) -> Any:
    """The member of a kind with this name. Raises UnknownName, with the nearest name there is,
    and ConcertedError where another package's member cannot be loaded."""
    if name in BUILTIN[kind]:
        module, _, attribute = BUILTIN[kind][name].partition(":")
        return getattr(importlib.import_module(module), attribute)
    if name in _outside(kind):
        return _load(kind, _outside(kind)[name])
    raise UnknownName(kind.rstrip("s"), name, names(kind))


def _load(kind: str, point: EntryPoint) -> Any:
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        package = point.dist.name if point.dist else point.value
        raise ConcertedError(
            f"the {kind.rstrip('s')} {point.name!r} of the package {package!r} cannot be loaded ({error}): "
            f"repair it, or pip uninstall {package}"
        ) from error


def everything(kind: str) -> dict[str, Any]:
    """All members of a kind by name."""
    return {name: find(kind, name) for name in names(kind)}
