"""Work done side by side in threads: numpy, Arrow and Leiden let others run while they compute."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from concerted import machine

T = TypeVar("T")
R = TypeVar("R")


def in_parallel(work: Callable[[T], R], tasks: Iterable[T], each: int = 0) -> Iterator[R]:
    """Results in the order of the tasks, on all processors; few of them wait to be taken.

    `each` is the bytes that a task holds while it runs: so many run as a quarter of the memory holds, or one.
    Where they take more than a sixteenth, what is freed goes back at once, which costs a little time.
    """
    threads = os.cpu_count() or 1
    if each and (held := machine.memory()):
        threads = max(1, min(threads, held // 4 // each))
        if threads * each > held // 16:
            machine.keep_little()
    left = iter(tasks)
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(work, task) for task in islice(left, threads + 1)]
        while waiting:
            yield waiting.pop(0).result()
            waiting += [pool.submit(work, task) for task in islice(left, 1)]


def both(one: Callable[[], T], other: Callable[[], R]) -> tuple[T, R]:
    """The results of two, made at the same time."""
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(one)
        done = other()
        return made.result(), done


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
