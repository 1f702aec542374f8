"""The user's word about columns and times, laid over what was recognised."""

from __future__ import annotations

import dataclasses
import difflib

from concerted import schema
from concerted.errors import MissingColumns, SettingError
from concerted.sources.frame import private
from concerted.sources.naming import listed
from concerted.sources.opening import Opened
from concerted.sources.recipe import PARENTS, Options, Recipe

# Columns of `posts` and `accounts` that are made here, never taken from a file.
_MADE = frozenset(("resolution_s", "file", "row", "account_id"))
_ALLOWED = sorted({*schema.TABLES["posts"], *schema.TABLES["accounts"], *PARENTS} - _MADE)
# `posts` is a count of posts among accounts; elsewhere it is the name of a table.
_ROLE = {"posts": "statuses"}


def checked(recipe: Recipe, opened: Opened, options: Options) -> Recipe:
    """The recipe with the user's columns in it.

    Raises SettingError for a key that is no column of ours, MissingColumns for a column that the file lacks
    or that is never read because it could identify or locate a person.
    """
    columns = dict(recipe.columns)
    for key, name in options.map.items():
        if key not in _ALLOWED:
            near = difflib.get_close_matches(key, _ALLOWED, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(_ALLOWED)}"
            raise SettingError(f"map has no column {key!r}: {hint}")
        role = _ROLE.get(key, key)
        if not name:
            columns.pop(role, None)
            continue
        if private(name):
            raise MissingColumns(
                f"{opened.file}: {name!r} could identify or locate a person and is never read: choose "
                f"another column for {key}"
            )
        if name not in opened.columns:
            near = difflib.get_close_matches(name, opened.columns, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {listed(opened.columns)}"
            raise MissingColumns(f"{opened.file}: there is no column {name!r} to use as {key}: {hint}")
        if role == "parent":
            # a parent of the user's choice stands above every parent that was recognised
            for other in PARENTS:
                columns.pop(other, None)
        columns[role] = (name,)
    platform = options.platform or recipe.platform
    profiles = recipe.profiles and "time" not in options.map
    return dataclasses.replace(recipe, columns=columns, platform=platform, profiles=profiles)
