"""Signal: the same words because a share button or an app wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _lists as lists
from concerted.signals import _notes as common
from concerted.signals import _shared as behind
from concerted.table import Table

NAMES = {"button": "share buttons", "app": "apps that post for their users"}


@dataclass(frozen=True)
class Boilerplate:
    """Texts that share buttons and apps write.

    What it sees
        How many of the texts that members posted alike follow a wording that is known to come from a share
        button, or from an app that posts for its users: a liked video, a listening or running log, follower
        counts, a daily digest. The list is kept in the program, each wording with its source and date.
        Reshares do not count. A text counts where more than half of the posts with it follow the wording.

    Null model
        None: the value is the share of the texts, with its Wilson 95 % interval. It speaks where the lower
        end is above one half, so that four texts of four do and three of three do not.

    Innocent explanations
        It is one itself, for the words only: everybody who presses the button posts them. That accounts
        pressed it in the same minute is not explained, unless the app posts by itself. Wordings in
        languages that the list does not know are not seen.

    Example
        Five accounts post the same eleven texts. Ten are titles of videos with "I liked a video" in front:
        "10 of 11 texts that members posted alike are written by a program".

    References
        X, "Post button: parameter reference" (prefilled text and "via"); Wilson 1927 (interval of a share).
    """

    name = "boilerplate"

    share: Annotated[float, Meta(gt=0, lt=1)] = option(common.MOST, common.MOST_SAYS)

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note per subject. Reads `evidence` beside `posts`."""
        rows = []
        for subject, texts in behind.shared(subjects, tables, engine, texts=True).items():
            found = behind.kinds(texts, _kind)
            if common.exceeds(found.total(), len(texts), self.share):
                says = (
                    f"{found.total():,} of {words.count(len(texts), 'text')} posted alike follow "
                    f"wordings that a program writes ({behind.told(found, NAMES)}): everybody who uses it "
                    "posts these words. They explain the same words, not the same moment."
                )
                rows.append(common.against(subject, self.name, found.total(), len(texts), says))
        return common.table(rows)


def _kind(act: behind.Act) -> str | None:
    return None if act.kind == "reshare" else lists.kind_of("boilerplate", act.text)
