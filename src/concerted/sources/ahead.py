"""What can be made meanwhile, in a thread: Arrow and numpy let others run while they compute."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """The same items, one of which is made while the one before it is used.

    An error of the making is raised in the place of the item. Who stops early should close it.
    """
    end = object()
    with ThreadPoolExecutor(1, "ahead") as thread:
        made = deque([thread.submit(next, items, end)])
        try:
            while (item := made.popleft().result()) is not end:
                made.append(thread.submit(next, items, end))
                yield item  # type: ignore[misc]
        finally:
            thread.shutdown(cancel_futures=True)
            if isinstance(items, Generator):
                items.close()
