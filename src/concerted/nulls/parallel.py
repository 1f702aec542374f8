"""Work done side by side in threads: numpy, Arrow and Leiden let others run while they compute."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_parallel(work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    """Results in the order of the tasks, on all processors; few of them wait to be taken."""
    threads = os.cpu_count() or 1
    left = iter(tasks)
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(work, task) for task in islice(left, threads + 1)]
        while waiting:
            yield waiting.pop(0).result()
            waiting += [pool.submit(work, task) for task in islice(left, 1)]
