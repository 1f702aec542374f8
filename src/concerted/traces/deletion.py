"""Who deleted posts in which second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from concerted.engines import Engine
from concerted.table import Table
from concerted.traces.seconds import by_second
from concerted.traces.work import Traced, Work

# the step of a file's deletion times, which how exact posting times are says nothing of
ACTS = """
select account, deleted as time, step as resolution_s, post, file from posts
join (
    select file as known, case
            when bool_and(second % 3 = 0) or bool_and(second % 4 = 0) or bool_and(second % 5 = 0) then 60
            when bool_and(second % 2 = 0) then 2 else 1
        end as step
    from (
        select file, int_div(epoch_us(deleted), 1000000) as second from posts where deleted is not null
    ) as told
    group by file
) as steps on known is not distinct from file
where deleted is not null
"""


@dataclass(frozen=True)
class Deletion:
    """Accounts whose posts are deleted in the very same seconds.

    What it sees: the seconds (UTC) in which posts of each account were deleted, where the export tells when.
    Several posts of one account deleted in a second count once, and so do all meetings of two accounts within
    one hour. Deletions at whole minutes are left out, because timers run then; a file whose deletion times
    step in more than 2 s takes no part.

    Null model: each deletion's second redrawn within the half minute around it, as for synchrony: of the
    hours in which two accounts deleted at most 30 s apart, they may share a second in as many as twice a
    smooth rate gives, or, where half of all accounts do so more often, as many as those.

    Innocent explanations: a service that deletes old posts of its customers one after the other every night;
    the platform itself removing posts in sweeps; a collector that noticed deletions only when it looked, so
    that its own rounds are what falls together. Ask how the deletion times were obtained.

    Example: two hundred accounts post a word and delete it in the same second forty seconds later, ten times
    in a week.

    References: Elmas, Overdorf, Özkalay and Aberer 2021, "Ephemeral astroturfing attacks: the case of fake
    Twitter trends", EuroS&P; Torres-Lugo, Pote, Nwala and Menczer 2022, "Manipulating Twitter through
    deletions", ICWSM 16; for the null as in synchrony.
    """

    name: ClassVar[str] = "deletion"
    horizons: ClassVar[tuple[tuple[int, int], ...]] = ((1, 30),)
    needs: ClassVar[tuple[str, ...]] = ("deleted",)
    null: ClassVar[str] = "jitter"

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of seconds. Object: the second, as 2024-03-01 09:00:05."""
        work = Work(self.name, posts, engine)
        work.left_out_where("posts that were not deleted, as far as the export knows", "deleted is null")
        return by_second(work, ACTS, "deletion")
