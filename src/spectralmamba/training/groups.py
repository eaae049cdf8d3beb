"""Groups of learned samples that cross-validation keeps together, and the folds that they are dealt out to."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spectralmamba.randomness import generator
from spectralmamba.sampling.groups import EIGHT_CONNECTED, assign_groups, tile_groups
from spectralmamba.training.prepare import Prepared

Ints = NDArray[np.int64]

FOLDS = 3
NEARLY_ALL = 0.75  # of a class's samples
BLOCK_SIZES = (64, 32, 16, 8, 4, 2, 1)  # pixels a side; for classes of one region


def learned_groups(prepared: Prepared) -> Ints:
    """Group the training samples, then the validation samples, by region; by tile or scene where a split does.

    Regions are those of training and validation pixels together, where pixels of one class with up to two others
    between them are of one region: so a field of which pixels were drawn at random stays whole, and no pixel lies in
    the 3×3 neighbourhoods of two regions of a class. A class that has only one is divided into blocks, the largest that
    give it a group a fold, and in the end into pixels. Scenes are such groups where there are as many as folds, and a
    class that only one of them has is divided by region.

    Returns
    -------
    ndarray of int64, shape (n_train + n_validation,)
        A number for each group, distinct across scenes.
    """
    samples = prepared.samples
    order = np.concatenate([np.flatnonzero(prepared.part[part]) for part in ("train", "validation")])
    place = np.stack([samples.scene_index, samples.rows, samples.columns], axis=1)[order]
    if prepared.split.recipe == "tiles":
        return _number_rows(_tiles(prepared)[order][:, None])
    regions, blocks = _regions(prepared)[order], [_number_rows(place // (1, size, size)) for size in BLOCK_SIZES]
    scenes = samples.scene_index[order].astype(np.int64)
    if prepared.split.recipe == "scenes" and len(np.unique(scenes)) >= FOLDS:
        return divide_lone_groups(scenes, samples.targets[order], [regions, *blocks])
    return divide_lone_groups(regions, samples.targets[order], blocks)


def _tiles(prepared: Prepared) -> Ints:
    """Tile of each sample, distinct across scenes."""
    samples = prepared.samples
    groups = np.zeros(len(samples), np.int64)
    offset = 0
    for i, (key, scene) in enumerate(prepared.split.scenes.items()):
        everywhere = np.ones(scene.train.shape, np.uint8)
        tiles = tile_groups(everywhere, prepared.tiles.get(key, ()))
        here = samples.scene_index == i
        groups[here] = tiles[samples.rows[here], samples.columns[here]] + offset
        offset += int(tiles.max())
    return groups


def _regions(prepared: Prepared) -> Ints:
    """Region of each sample, distinct across scenes; 0 where it is not learned from."""
    samples = prepared.samples
    groups = np.zeros(len(samples), np.int64)
    offset = 0
    for i, scene in enumerate(prepared.split.scenes.values()):
        regions = _grown_regions(np.maximum(scene.train.values, scene.validation.values))
        here = samples.scene_index == i
        groups[here] = regions[samples.rows[here], samples.columns[here]] + offset
        offset += int(regions.max())
    return groups


def _grown_regions(labels: NDArray[np.integer]) -> Ints:
    """Number 8-connected areas of one class after each has grown by a pixel; 0 where there is no label."""
    groups, count = np.zeros(labels.shape, np.int64), 0
    for number in np.unique(labels[labels > 0]):
        mask = labels == number
        areas, n = ndimage.label(ndimage.binary_dilation(mask, EIGHT_CONNECTED), EIGHT_CONNECTED)
        groups[mask] = areas[mask] + count
        count += n
    return groups


def divide_lone_groups(groups: Ints, targets: Ints, finer: Sequence[Ints]) -> Ints:
    """Divide the classes of which one group has nearly all, which could not be learned and held out at once.

    Parameters
    ----------
    groups : ndarray of int64, shape (n,)
    targets : ndarray of int64, shape (n,)
        Class index of each sample.
    finer : sequence of ndarray of int64, shape (n,)
        Other groups of the samples, from coarse to fine; the first is taken that gives such a class a group a fold,
        or else the last.

    Returns
    -------
    ndarray of int64, shape (n,)
        Numbers from 0.
    """
    _, divided = np.unique(groups, return_inverse=True)
    for index in np.unique(targets):
        here = targets == index
        if np.unique(groups[here], return_counts=True)[1].max() > NEARLY_ALL * here.sum():
            pieces = next((g[here] for g in finer if len(np.unique(g[here])) >= FOLDS), finer[-1][here])
            divided[here] = divided.max() + 1 + np.unique(pieces, return_inverse=True)[1]
    return _number_rows(divided[:, None])


def deal_folds(groups: Ints, targets: Ints, seed: int) -> list[NDArray[np.bool_]]:
    """Deal groups out to three folds so that each has its share of every class, as far as that goes.

    Parameters
    ----------
    groups, targets : ndarray of int64, shape (n,)
    seed : int

    Returns
    -------
    list of ndarray of bool, shape (n,)
        The samples that each fold holds out, without folds that are empty or leave fewer than two classes to learn.
    """
    groups = _number_rows(groups[:, None])
    counts = np.zeros((groups.max() + 1, targets.max() + 1), np.int64)
    np.add.at(counts, (groups, targets), 1)
    parts = assign_groups(counts, FOLDS * (1 / FOLDS,), generator(seed, "cross-validation"))[groups]
    folds = [parts == fold for fold in range(FOLDS)]
    return [held for held in folds if held.any() and len(np.unique(targets[~held])) > 1]


def _number_rows(rows: NDArray[np.integer]) -> Ints:
    """Number equal rows of a table (n, m) alike, from 0."""
    _, numbers = np.unique(rows, axis=0, return_inverse=True)
    return np.asarray(numbers, np.int64).reshape(-1)
