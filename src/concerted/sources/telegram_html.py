"""Telegram Desktop's messages.html: the page of one channel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pyarrow as pa

from concerted.sources.document import Item
from concerted.sources.frame import Spoiled
from concerted.sources.htmltext import hrefs, plain
from concerted.sources.opening import Opened
from concerted.sources.recipe import Options, Recipe
from concerted.sources.records import Cells, Records, read
from concerted.sources.telegram import PRIVATE, post_of
from concerted.sources.unpack import text_lines

_ROLES = {
    "post": "channel/message id",
    "account": "page title (channel)",
    "time": "title of the date",
    "text": "text",
    "is_reshare": "forwarded body",
    "reshare_time": "title of the forwarded date",
    "reply": "reply_to link",
    "urls": "links",
    "tags": "hashtags",
    "name": "page title",
}
_NOTES = (
    "the page names the channel but not its id: ask for the export as JSON",
    "forwards name their source but not its id: they are matched by their text",
)
_MESSAGE = re.compile(r"""<div class="message (?P<kind>[^"]*)" id="message(?P<id>-?\d+)">""")
_HASHTAG = re.compile(r"ShowHashtag\((?:&quot;|\"|')([^\"'&]+)")
_REPLY = re.compile(r"GoToMessage\((\d+)\)")


class TelegramHtml:
    """Channels only: a page on which others than the chat's own name write is a group or a private chat,
    whose page does not say which, and is not read."""

    name = "telegram_html"
    says = "Telegram Desktop: messages.html of a channel"
    covers = tuple(_ROLES)
    clock = "the offset beside each time, to the second"

    def recognise(self, opened: Opened) -> float:
        """By the classes of the page's messages."""
        if opened.kind != "html":
            return 0.0
        with text_lines(opened.path, opened.encoding) as lines:
            head = lines.read(1 << 16)
        return 0.95 if "page_header" in head and _MESSAGE.search(head) else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises BadTime where the page's times carry no zone and none is told."""
        yield from read(
            opened,
            options,
            self.name,
            _expand,
            recipe=Recipe({}, platform="telegram", notes=_NOTES),
            roles=_ROLES,
            view=_Page,
        )


class _Page(Records):
    """Messages of the page, each with the line it begins on."""

    def items(self) -> Iterator[Item | Spoiled]:
        with text_lines(self.path, self.encoding) as lines:
            page = lines.read()
        starts = list(_MESSAGE.finditer(page))
        head = _Parts.of(page[: starts[0].start()] if starts else page)
        title = head.first("text bold") or ""
        author, authors, found = title, set(), []
        row, seen = 1, 0
        for place, match in enumerate(starts):
            row, seen = row + page.count("\n", seen, match.start()), match.start()
            end = starts[place + 1].start() if place + 1 < len(starts) else len(page)
            if "service" in match["kind"].split():
                found.append((row, {"id": match["id"], "service": True}))
                continue
            parts = _Parts.of(page[match.start() : end])
            # joined messages leave out the name of the one before
            author = parts.first("from_name") or author
            authors.add(author)
            found.append((row, {"id": match["id"], "parts": parts, "title": title}))
        public = bool(title) and authors <= {title}
        for row, record in found:
            yield Item(row, "", record, {"public": public})


class _Parts(HTMLParser):
    """The pieces of one message: (class, title, inside a forward, inner HTML)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[tuple[str, str | None, bool, list[str]]] = []
        self.replies: list[str] = []
        self._open: list[tuple[str, int | None, bool]] = []

    @classmethod
    def of(cls, content: str) -> _Parts:
        parts = cls()
        parts.feed(content)
        parts.close()
        return parts

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        kind = " ".join((told.get("class") or "").split())
        if tag == "a" and any(self._kind(at) == "reply_to details" for _, at, _ in self._open):
            self.replies += _REPLY.findall(told.get("onclick") or "")
        if tag in ("div", "span"):
            forwarded = kind == "forwarded body" or (bool(self._open) and self._open[-1][2])
            self.pieces.append((kind, told.get("title"), forwarded, []))
            self._open.append((tag, len(self.pieces) - 1, forwarded))
        else:
            self._write(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("div", "span") and any(name == tag for name, _, _ in self._open):
            while self._open.pop()[0] != tag:
                pass
        else:
            self._write(f"</{tag}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._write(self.get_starttag_text() or "")

    def handle_data(self, data: str) -> None:
        self._write(data)

    def handle_entityref(self, name: str) -> None:
        self._write(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._write(f"&#{name};")

    def _kind(self, place: int | None) -> str:
        return "" if place is None else self.pieces[place][0]

    def _write(self, content: str) -> None:
        if self._open and self._open[-1][1] is not None:
            self.pieces[self._open[-1][1]][3].append(content)

    def find(self, kind: str, forwarded: bool = False) -> tuple[str, str | None] | None:
        """Inner HTML and title of the first piece of this class, inside a forward or outside."""
        for name, title, inside, content in self.pieces:
            if name == kind and inside == forwarded:
                return "".join(content), title
        return None

    def first(self, kind: str) -> str | None:
        """The text of the first piece of this class outside a forward."""
        found = self.find(kind)
        return plain(found[0]) if found else None


def _expand(item: Item) -> Iterator[Cells | Spoiled]:
    if not item.above["public"]:
        yield Spoiled(item.row, PRIVATE)
    elif item.record.get("service"):
        yield Spoiled(item.row, "a service message, not a post")
    else:
        yield _cells(item.record)


def _cells(record: dict[str, Any]) -> Cells:
    parts, title = record["parts"], record["title"]
    forwarded = parts.find("forwarded body", True) is not None
    content = (parts.find("text", forwarded) or ("", None))[0]
    date = parts.find("pull_right date details")
    origin = parts.find("date details", True)
    return {
        "post": post_of(title, record["id"]),
        "account": title,
        "time": date[1] if date else None,
        "text": plain(content),
        "is_reshare": "true" if forwarded else None,
        "reshare_time": origin[1] if origin else None,
        "reply": post_of(title, parts.replies[0]) if parts.replies else None,
        "urls": hrefs(content),
        "tags": _HASHTAG.findall(content),
        "name": title,
    }
