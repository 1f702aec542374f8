"""Which techniques of the DISARM framework a trace may point to.

DISARM describes what operators do on purpose. A trace shows what accounts did together, not why. So of its
techniques only those are named that the data can point to, always as candidates for a person to confirm;
never those that say who acts (trolls, bots, inauthentic accounts) or to what end (harassment).
"""

from __future__ import annotations

from typing import NamedTuple

from concerted.findings import Group

VERSION = "1.6"
CANDIDATE = (
    "A candidate: what these accounts did together looks like this technique, which presumes an intent that "
    "posts do not show. A person has to confirm it."
)


class Technique(NamedTuple):
    """An id of DISARM, the name that MISP's list of it has, and our words for it."""

    id: str
    name: str
    says: str


COPIED = Technique("T0084.001", "Use Copypasta", "The same text posted by many accounts.")
AMPLIFIED = Technique("T0118", "Amplify Existing Narrative", "Content of others spread by many accounts.")
SWARMED = Technique("T0049.005", "Conduct Swarming", "Many accounts turning to one post or account at once.")

# a trace that is not here points to none: acting in step or deleting posts says nothing of what for
OF = {
    "text": COPIED,
    "near": COPIED,
    "reply": SWARMED,
    "mention": SWARMED,
    "thread": SWARMED,
    **dict.fromkeys(("reshare", "quote", "link", "domain", "hashtag", "media", "sequence"), AMPLIFIED),
}


def techniques(group: Group) -> list[Technique]:
    """The candidates for a group, each once, in the order of their ids."""
    return sorted({OF[trace] for trace in group.traces if trace in OF})


def page(technique: Technique) -> str:
    """Where DISARM describes it."""
    folder = "https://github.com/DISARMFoundation/DISARMframeworks/blob/main/generated_pages/techniques"
    return f"{folder}/{technique.id}.md"
