"""One address for all spellings of a link. Nothing is ever fetched."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

from concerted.traces.hosts import Host, known
from concerted.traces.missing import missing

PICTURE = "the picture inside the post itself"
_PICTURES = ("pic.twitter.com", "pic.x.com")
MOST_HOPS = 4  # redirects wrapped in redirects; deeper ones are only built to confuse

# nothing in it has to be looked at twice, but for what its host does with it
_ORDINARY = re.compile(r"https?://([a-z0-9.-]+)(/[a-zA-Z0-9/_-]*)")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d+(?:/|$))", re.IGNORECASE)
_HOST_FIRST = re.compile(r"[^\s/?#@]+\.[^\d\s/?#@.:][^\s/?#@.:]+\.?(?::\d+)?(?:[/?#]|$)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_INVISIBLE = re.compile(r"[\u0000-\u0020\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_ESCAPE = re.compile("%([0-9a-fA-F]{2})")
_PLAIN = re.compile(r"[A-Za-z0-9._~/!$&'()*+,;=:@-]*")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_VIDEO = re.compile(r"/(?:shorts|embed|live|v|e)/([\w-]{6,})")
_STATUS = re.compile(r"/(?:i/web|[^/]+)/status(?:es)?/(\d+)(/(?:photo|video)/\d+)?")
_VIEWER = re.compile(r"/(?:amp|[cvi])/(s/)?([^/]+\..+)")


class Canonical(NamedTuple):
    """A link as it is compared: `key` without scheme, `host` ("" for opaque ids of a data set),
    `unresolved` for short links. Where it is no object, `key` is "" and `reason` says why."""

    key: str
    host: str
    unresolved: bool
    reason: str = ""


def _none(reason: str) -> Canonical:
    return Canonical("", "", False, reason)


class _Place(NamedTuple):
    """Where a link leads: what is known of its host, the host with a port if it needs one, and the rest."""

    about: Host
    at: str
    path: str
    query: str
    fragment: str


def canonical(url: str | None) -> Canonical:
    """The link without what differs between two ways of sharing the same page.

    http and https, letter case of hosts, www, mobile and AMP editions, default ports, fragments (except
    #!), tracking parameters, order of parameters, percent-encoding, trailing slashes and international
    host names are evened out; pages that only send the reader on give the address they name. Short links
    stay as they are, marked `unresolved`. Values without scheme and dot are opaque ids and stay as they are.
    """
    place = _place(url)
    return _compose(place) if isinstance(place, _Place) else place


def shortened(key: str) -> bool:
    """Whether the key of a link is that of a short link, which stays unresolved."""
    return known(re.split(r"[/?#:]", key, maxsplit=1)[0]).unresolved


def host(url: str | None) -> tuple[str, str]:
    """The host that a link leads to, "" for opaque ids, and the reason where it leads nowhere.

    It takes about half as long as `canonical`.
    """
    place = _place(url)
    return (place.about.name, "") if isinstance(place, _Place) else (place.host, place.reason)


def _place(url: str | None) -> _Place | Canonical:
    """Where a link leads after pages that only send the reader on, or what there is to say of it besides."""
    if url is None or missing(url):
        return _none("missing")
    if ordinary := _ORDINARY.fullmatch(url):
        name, path = ordinary[1].rstrip("."), ordinary[2]
        about = known(name)
        if name and about.name not in _PICTURES and not _sent_on(about, name, path, ""):
            return _Place(about, about.name, path, "", "")
    text = html.unescape(url.strip())
    if text.endswith(("…", "...")):
        return _none("cut off in the export")
    text = _INVISIBLE.sub("", text)
    if not text:
        return _none("missing")
    if _MAIL.fullmatch(text):
        return _none("an e-mail address or telephone number")
    for _ in range(MOST_HOPS):
        scheme = _SCHEME.match(text)
        if scheme and scheme[1].lower() not in ("http", "https"):
            return _other_scheme(text, scheme[1].lower())
        if not scheme and not text.startswith("//") and not _HOST_FIRST.match(text):
            return Canonical(text, "", False)
        whole = text if scheme else "http://" + text.removeprefix("//")
        try:
            parts = urlsplit(whole)
            port = parts.port
        except ValueError:
            return _none("not readable as an address")
        name = _ascii(parts.hostname or "")
        if not name:
            return _none("not readable as an address")
        about = known(name)
        if about.name in _PICTURES:
            return _none(PICTURE)
        target = _sent_on(about, name, parts.path, parts.query)
        if not target:
            break
        text = urljoin(whole, target) if target.startswith("/") else target
    at = about.name if port in (None, 80, 443) else f"{about.name}:{port}"
    return _Place(about, at, parts.path, parts.query, parts.fragment)


def _other_scheme(text: str, scheme: str) -> Canonical:
    if scheme in ("mailto", "tel", "sms"):
        return _none("an e-mail address or telephone number")
    if scheme in ("javascript", "data", "blob", "file", "about", "chrome", "content"):
        return _none("an address inside one's own browser")
    return Canonical(text, "", False)


def _ascii(host: str) -> str:
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    host = unicodedata.normalize("NFKC", host).lower()
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _sent_on(about: Host, host: str, path: str, query: str) -> str:
    if host.endswith(".cdn.ampproject.org") or (host.partition("google.")[1] and path.startswith("/amp/")):
        viewed = _VIEWER.match(path)
        return f"http://{viewed[2]}{'?' + query if query else ''}" if viewed else ""
    for where, parameters in about.redirects:
        if (
            path == where
            or (where.endswith("*") and path.startswith(where[:-1]))
            or path.rstrip("/") == where.rstrip("/")
        ):
            if parameters == ("",):
                return query
            values = dict(parse_qsl(query))
            for name in parameters:
                if re.match(r"https?://|/", values.get(name, "")):
                    return values[name]
    return ""


def _compose(place: _Place) -> Canonical:
    about, at, path, query, fragment = place
    name = about.name
    if name == "x.com" and (status := _STATUS.match(path)):
        if status[2]:
            return _none(PICTURE)
        return Canonical(f"x.com/i/status/{status[1]}", name, False)
    pairs = _pairs(about, query)
    if name in ("youtube.com", "youtu.be"):
        video = _VIDEO.match(path) or (name == "youtu.be" and re.match(r"/([\w-]{6,})", path))
        named = (
            video[1] if video else dict(parse_qsl(query)).get("v", "") if path.startswith("/watch") else ""
        )
        if named:
            return Canonical(f"youtube.com/watch?v={named}", "youtube.com", False)
        if path.startswith("/playlist"):
            pairs = [("list", dict(parse_qsl(query)).get("list", ""))]
    if name == "t.me" and path.startswith("/s/"):
        path = path[2:]
    path = _escape(_without_amp(_without_dots(path))).rstrip("/")
    key = (
        at
        + path
        + ("?" + "&".join("=".join(pair) if pair[1] else pair[0] for pair in pairs) if pairs else "")
    )
    return Canonical(key + (f"#{fragment}" if fragment.startswith("!") else ""), name, about.unresolved)


def _pairs(about: Host, query: str) -> list[tuple[str, str]]:
    found = []
    for piece in query.split("&") if query else ():
        name, _, value = piece.partition("=")
        low = name.lower()
        if name and low not in about.tracking and not low.startswith(about.tracking_starts):
            found.append((_escape(name.replace("+", "%20")), _escape(value.replace("+", "%20"))))
    return sorted(found)


def _without_dots(path: str) -> str:
    if "/." not in path:
        return path
    kept: list[str] = []
    for step in path.split("/"):
        if step == "..":
            kept = kept[: max(1, len(kept) - 1)]
        elif step != ".":
            kept.append(step)
    return "/".join(kept)


def _without_amp(path: str) -> str:
    if "amp" not in path:
        return path
    path = re.sub(r"^/amp(?=/.)", "", path)
    path = re.sub(r"(?<=.)/amp/?$", "", path)
    return re.sub(r"\.amp(\.html?)?$", lambda match: match[1] or "", path)


def _escape(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    text = _ESCAPE.sub(_unescaped, text)
    text = re.sub(r"%(?![0-9A-F]{2})", "%25", text)
    return quote(unicodedata.normalize("NFC", text), safe="/!$&'()*+,;=:@%-._~")


def _unescaped(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()
