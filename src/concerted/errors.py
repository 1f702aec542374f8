"""Every error a user can meet.

    ConcertedError                exit 1
      InputError                  exit 3   the data cannot be used as it is
        UnknownFormat                      no source recognises the file
        MissingColumns                     a column that is needed is absent
        BadTime                            a time or its zone cannot be read safely
        DamagedIds                         ids were rounded by a spreadsheet or a float
      SettingError                exit 2   an option has an impossible value
      UnknownName                 exit 2   no such trace, source, signal, export or engine
      CaseError                   exit 3   a case folder is locked, foreign, newer or damaged
      EngineError                 exit 4   the engine failed; carries the SQL
      MissingExtra                exit 5   an optional library is not installed

A message says what is wrong, where (file and row), and what to do instead.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ConcertedError(Exception):
    """Root of all errors raised on purpose."""

    exit_code = 1


class InputError(ConcertedError):
    """The data cannot be used as it is."""

    exit_code = 3


class UnknownFormat(InputError):
    """No source recognises the file."""


class MissingColumns(InputError):
    """A column that is needed is absent."""


class BadTime(InputError):
    """A time, its zone or its resolution cannot be read safely."""


class DamagedIds(InputError):
    """Ids were rounded on their way here, so distinct posts or accounts share one id."""


class SettingError(ConcertedError):
    """An option has an impossible value."""

    exit_code = 2


class UnknownName(ConcertedError):
    """No member of a registry has this name."""

    exit_code = 2

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
        super().__init__(f"no {what} is called {name!r}: {hint}")


class CaseError(ConcertedError):
    """A case folder is locked, foreign, of a newer format or damaged."""

    exit_code = 3


class EngineError(ConcertedError):
    """The engine failed. `sql` is the statement it was given."""

    exit_code = 4

    def __init__(self, message: str, sql: str = "") -> None:
        super().__init__(message)
        self.sql = sql


class MissingExtra(ConcertedError):
    """An optional library is not installed."""

    exit_code = 5

    def __init__(self, library: str, extra: str = "") -> None:
        what = f"'concerted[{extra}]'" if extra else library
        super().__init__(f"{library} is not installed: pip install {what}")
