"""Words for numbers, windows, traces and accounts: one way to say each, everywhere."""

from __future__ import annotations

from datetime import UTC, datetime

# trace -> (what the accounts did with one object, objects in the plural)
TRACES: dict[str, tuple[str, str]] = {
    "reshare": ("reshared", "posts"),
    "link": ("shared", "links"),
    "domain": ("linked to", "sites"),
    "text": ("posted", "texts"),
    "hashtag": ("used", "hashtags"),
    "sequence": ("posted", "lists of hashtags"),
    "reply": ("answered", "posts"),
    "quote": ("quoted", "posts"),
    "thread": ("joined", "conversations"),
    "mention": ("addressed", "accounts"),
    "media": ("posted", "images or videos"),
    "synchrony": ("posted in", "seconds"),
    "deletion": ("deleted posts in", "seconds"),
}

# those that do not just lose their s
SINGULAR = {"media": "image or video", "sequence": "list of hashtags"}

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def did(trace: str) -> str:
    """What accounts did with one object of a trace, as a verb."""
    return TRACES.get(trace, ("touched", ""))[0]


def objects(trace: str, count: int) -> str:
    """A number of objects of a trace: "41 links", "1 link"."""
    plural = TRACES.get(trace, ("", f"{trace} objects"))[1]
    one = SINGULAR.get(trace) or plural.removesuffix("s")
    return f"{count:,} {one if count == 1 else plural}"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 account", "1,204 accounts"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def span(seconds: float) -> str:
    """A length of time in the unit people would use: "60 s", "10 min", "6 h", "3 days"."""
    if seconds <= 120:
        return f"{seconds:g} s"
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= size and (seconds % size == 0 or seconds >= 2 * size):
            value = round(seconds / size, 1)
            return f"{value:g} {'day' if unit == 'days' and value == 1 else unit}"
    return f"{seconds:g} s"


def within(window_s: int) -> str:
    """How close in time: "within 60 s of each other", "in the very same second"."""
    return "in the very same second" if window_s == 0 else f"within {span(window_s)} of each other"


def small(value: float | None) -> str:
    """A probability or an expected count as people write it: "0.03", "2 × 10⁻⁹"."""
    if value is None:
        return "not available"
    if value == 0:
        return "0"
    if abs(value) >= 0.001:
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    digits, _, power = f"{value:.0e}".partition("e")
    return f"{digits} × 10{str(int(power)).translate(SUPERSCRIPT)}"


def utc(time: datetime, step: str = "second") -> str:
    """A time in UTC to the second or the day; the label UTC belongs to seconds."""
    time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    return time.strftime("%Y-%m-%d" if step == "day" else "%Y-%m-%d %H:%M:%S UTC")


def who(account: str) -> str:
    """An account inside a sentence, marked so that `privacy.py` can exchange it for a pseudonym."""
    return f"⟦{account}⟧"
