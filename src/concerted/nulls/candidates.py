"""Accounts that look alike enough to be left out of the crowd they are compared with. Claims nothing."""

from __future__ import annotations

import numpy as np

from concerted.nulls.log import Flags, Ints


def within(nodes: int, a: Ints, b: Ints) -> Flags:
    """Which nodes have an edge. Shape (nodes,)."""
    touched = np.zeros(nodes, bool)
    touched[a] = touched[b] = True
    return touched


def components(nodes: int, a: Ints, b: Ints) -> Ints:
    """Connected component of each node, numbered by their smallest node; -1 for nodes without an edge."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    _, label = connected_components(coo_matrix((np.ones(len(a)), (a, b)), (nodes, nodes)), directed=False)
    touched = within(nodes, a, b)
    _, first = np.unique(label, return_index=True)
    return np.where(touched, first[label], -1)


def leiden(
    nodes: int, a: Ints, b: Ints, weight: np.ndarray, *, resolution: float, seed: int, modularity: bool
) -> Ints:
    """Leiden communities (Traag, Waltman & van Eck 2019) of a weighted graph; -1 for nodes without an edge.

    With `modularity` false the quality is CPM. The same graph and seed give the same partition.
    """
    from graspologic_native import leiden_csr
    from scipy.sparse import coo_matrix

    used = np.flatnonzero(within(nodes, a, b))
    if not len(used):
        return np.full(nodes, -1)
    x, y = np.searchsorted(used, a), np.searchsorted(used, b)
    graph = coo_matrix(
        (np.concatenate((weight, weight)), (np.concatenate((x, y)), np.concatenate((y, x)))),
        (len(used), len(used)),
    ).tocsr()
    graph.sort_indices()
    _, found = leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        len(used),
        resolution=resolution,
        seed=seed,
        use_modularity=modularity,
        iterations=2,
        trials=1,
        randomness=0.001,
    )
    part = np.array([found[node] for node in range(len(used))], dtype=np.int64)
    # numbered by smallest member, so that labels do not depend on the library's own order
    _, first = np.unique(part, return_index=True)
    back = np.zeros(part.max() + 1, np.int64)
    back[np.unique(part)] = used[first]
    label = np.full(nodes, -1)
    label[used] = back[part]
    return label


def split(nodes: int, a: Ints, b: Ints, *, resolution: float, seed: int, divide: Flags) -> Ints:
    """Components, those marked in `divide` (by label) split further by CPM. -1 for nodes without an edge."""
    label = components(nodes, a, b)
    cut = divide[label[a]]
    if cut.any():
        part = leiden(
            nodes, a[cut], b[cut], np.ones(cut.sum()), resolution=resolution, seed=seed, modularity=False
        )
        label = np.where(within(nodes, a[cut], b[cut]), part, label)
    return label


def members(label: Ints) -> list[Ints]:
    """The nodes of each label from 0 on, ascending, labels in order."""
    order = np.argsort(label, kind="stable")
    order = order[label[order] >= 0]
    if not len(order):
        return []
    return np.split(order, np.flatnonzero(np.diff(label[order])) + 1)


def sizes(label: Ints, nodes: int) -> Ints:
    """Number of nodes with each label."""
    return np.bincount(label[label >= 0], minlength=nodes)


def groups(nodes: int, a: Ints, b: Ints, *, seed: int, least: int = 3, most: int = 200) -> Ints:
    """Candidate groups: components of `least` to `most` accounts; larger ones split by CPM .1."""
    label = components(nodes, a, b)
    divide = sizes(label, nodes) > most
    label = split(nodes, a, b, resolution=0.1, seed=seed, divide=divide)
    size = sizes(label, nodes)
    fits = (size >= least) & (size <= most)
    return np.where((label >= 0) & fits[np.maximum(label, 0)], label, -1)


def cohesive(nodes: int, a: Ints, b: Ints, *, seed: int) -> Ints:
    """Components; those of more than 6 accounts and density under .2 split by CPM .2."""
    label = components(nodes, a, b)
    size = sizes(label, nodes)
    edges = np.bincount(label[a], minlength=nodes)
    density = 2 * edges / np.maximum(size * (size - 1), 1)
    return split(nodes, a, b, resolution=0.2, seed=seed, divide=(size > 6) & (density < 0.2))
