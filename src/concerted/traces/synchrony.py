"""Who posted anything in which second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from concerted.engines import Engine
from concerted.table import Table
from concerted.traces.seconds import by_second
from concerted.traces.work import Traced, Work


@dataclass(frozen=True)
class Synchrony:
    """Accounts that post in the very same seconds, whatever they post.

    What it sees: the seconds (UTC) in which each account posted anything, of clocks of 2 s or finer; several
    posts of one account in a second count once, and so do all meetings of two accounts within one hour.
    Nothing need be shared, so it sees what posts in other words, or without text, do together. Posts at
    whole minutes are left out, because schedulers post then.

    Null model: each post's second redrawn within the half minute around it. Of the hours in which two
    accounts posted at most 30 s apart, they may share a second in as many as twice a smooth rate gives, or,
    where half of all accounts do so more often, as many as those. Two accounts that act by the clock are held
    against how often they hit the same second of the minute at other times.

    Innocent explanations: the instant of a broadcast that a whole audience waits for; one desk that posts
    to several accounts with one click; programs that repeat one feed or run on one server's timer; one person
    with two accounts. A goal or a verdict brings a crowd within a minute, not into one second.

    Example: three accounts that share no word or link post in the same second in 14 hours, of 16 in which
    they posted within half a minute of each other; chance explains 0.5.

    References: Date, Bienenstock and Geman 1998, "On the temporal resolution of neural activity";
    Amarasingham, Harrison, Hatsopoulos and Geman 2012, "Conditional modeling and the jitter method of spike
    resampling", Journal of Neurophysiology 107; Elmas, Overdorf, Özkalay and Aberer 2021, "Ephemeral
    astroturfing attacks", EuroS&P.
    """

    name: ClassVar[str] = "synchrony"
    horizons: ClassVar[tuple[tuple[int, int], ...]] = ((1, 30),)
    needs: ClassVar[tuple[str, ...]] = ("time",)
    null: ClassVar[str] = "jitter"

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of seconds. Object: the second, as 2024-03-01 09:00:05."""
        acts = "select account, time, resolution_s, post, file from posts where time is not null"
        return by_second(Work(self.name, posts, engine), acts, "post")
