"""Groups of labelled pixels that a split must not divide, and their distribution over its parts."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

EIGHT_CONNECTED = np.ones((3, 3), bool)

Groups = NDArray[np.int64]  # (height, width): 0 = in no group, 1.. = group


def region_groups(labels: NDArray[np.integer]) -> Groups:
    """Number the regions: 8-connected areas of one class."""
    groups = np.zeros(labels.shape, np.int64)
    count = 0
    for number in np.unique(labels[labels > 0]):
        areas, n = ndimage.label(labels == number, structure=EIGHT_CONNECTED)
        groups[areas > 0] = areas[areas > 0] + count
        count += n
    return groups


def block_groups(labels: NDArray[np.integer], size: int) -> Groups:
    """Number the square blocks of ``size`` pixels that hold a labelled pixel."""
    rows, columns = (np.arange(n) // size for n in labels.shape)
    blocks = rows[:, None] * (columns[-1] + 1) + columns[None, :]
    return compact(np.where(labels > 0, blocks + 1, 0))


def tile_groups(labels: NDArray[np.integer], tiles: Sequence[Mapping[str, int]]) -> Groups:
    """Number the tiles of a mosaic: tile i covers rows row..row+height and columns column..column+width.

    Without tiles the whole scene is one group.
    """
    groups = np.zeros(labels.shape, np.int64)
    if not tiles:
        groups[:] = 1
    # The first tile wins where tiles overlap, as it does in the mosaic: so it is drawn last.
    for i in reversed(range(len(tiles))):
        t = tiles[i]
        groups[t["row"] : t["row"] + t["height"], t["col"] : t["col"] + t["width"]] = i + 1
    return np.where(labels > 0, groups, 0)


def compact(groups: Groups) -> Groups:
    """Renumber groups 1, 2, 3 …, 0 staying 0."""
    values, inverse = np.unique(np.append(groups.ravel(), 0), return_inverse=True)
    assert values[0] == 0  # noqa: S101 - group numbers are never negative
    renumbered: Groups = inverse[:-1].reshape(groups.shape).astype(np.int64)
    return renumbered


def count_classes(groups: Groups, targets: NDArray[np.integer], n_groups: int, n_classes: int) -> NDArray[np.int64]:
    """Count the pixels of each class in each group: (n_groups, n_classes); ``targets`` is -1 where unlabelled."""
    inside = (groups > 0) & (targets >= 0)
    flat = (groups[inside] - 1) * n_classes + targets[inside]
    return np.bincount(flat, minlength=n_groups * n_classes).reshape(n_groups, n_classes)


def assign_groups(counts: NDArray[np.int64], fractions: Sequence[float], rng: np.random.Generator) -> NDArray[np.int64]:
    """Deal groups out to parts so that each class comes close to the wanted fractions.

    Groups come in random order, those of rare classes first, and each goes to the part that lacks most of the classes
    it holds. A part with fraction 0 gets none.

    Parameters
    ----------
    counts : ndarray of int, shape (n_groups, n_classes)
        Pixels of each class in each group.
    fractions : sequence of float
        Wanted share of each part.

    Returns
    -------
    ndarray of int, shape (n_groups,)
        The part of each group.
    """
    share = counts / np.maximum(counts.sum(axis=0), 1)  # of its class, (G, K)
    wanted = np.asarray(fractions, np.float64)
    lacking = np.repeat(wanted[:, None], counts.shape[1], axis=1)  # (parts, K)
    order = rng.permutation(len(counts))
    order = order[np.argsort(_groups_of_rarest_class(counts)[order], kind="stable")]
    parts = np.zeros(len(counts), np.int64)
    for group in order:
        need = lacking @ share[group]
        need[wanted == 0] = -np.inf
        parts[group] = int(np.argmax(need))
        lacking[parts[group]] -= share[group]
    return parts


def _groups_of_rarest_class(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each group, in how many groups its rarest class occurs."""
    occurrences = (counts > 0).sum(axis=0)
    rarest: NDArray[np.int64] = np.where(counts > 0, occurrences, len(counts) + 1).min(axis=1)
    return rarest
