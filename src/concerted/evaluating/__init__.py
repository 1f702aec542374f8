"""Labelled data in; recall, false shares and calibration out.

A case is a file whose makers are known, at least in part: a simulated crowd with planted groups, a folder
with `posts.csv` and `truth.csv`, a published data set, or a known operation laid over an innocent one. The
stages run on it as they run on any file, and what they say is compared with the truth.
"""

from concerted.evaluating.case import Case, Labelled
from concerted.evaluating.evaluate import evaluate, in_words
from concerted.evaluating.measuring import Outcome, figures, outcome

__all__ = ["Case", "Labelled", "Outcome", "evaluate", "figures", "in_words", "outcome"]
