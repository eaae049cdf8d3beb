"""Spectra and patches given as arrays, as samples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spectralmamba.randomness import generator
from spectralmamba.sampling.groups import assign_groups
from spectralmamba.sampling.patches import turn


@dataclass(frozen=True, eq=False)
class ArraySamples:
    """Samples that are there as arrays already.

    Attributes
    ----------
    values : ndarray of float32, shape (n, C) or (n, C, S, S)
        Standardised; missing pixels are NaN.
    targets : ndarray of int64, shape (n,)
        Class index 0..K-1.
    """

    values: NDArray[np.float32]
    targets: NDArray[np.int64]

    def batch(
        self, indices: NDArray[np.integer], orientation: NDArray[np.integer] | None = None
    ) -> NDArray[np.float32]:
        """Give samples, patches turned by ``orientation`` where it is given."""
        chosen: NDArray[np.float32] = self.values[indices]
        if orientation is None or chosen.ndim == 2:
            return chosen
        turned = turn(chosen.transpose(0, 2, 3, 1), orientation)
        patches: NDArray[np.float32] = np.ascontiguousarray(turned.transpose(0, 3, 1, 2))
        return patches

    def select(self, keep: NDArray[np.bool_]) -> "ArraySamples":
        """Keep some samples."""
        return ArraySamples(self.values[keep], self.targets[keep])


def hold_out(
    targets: NDArray[np.int64], fraction: float, seed: int, groups: NDArray[np.int64] | None = None
) -> NDArray[np.bool_]:
    """Mark a share of each class for validation, none of a class of one.

    Arrays say nothing of where their samples lie, so neighbours can be kept apart only by ``groups``, numbers from 0:
    a group is marked as a whole or not at all, and a class of one group is not.
    """
    held = np.zeros(len(targets), bool)
    if groups is not None and fraction > 0:
        counts = np.zeros((groups.max() + 1, targets.max() + 1), np.int64)
        np.add.at(counts, (groups, targets), 1)
        marked = assign_groups(counts, (1 - fraction, fraction), generator(seed, "hold out")) == 1
        for index in np.flatnonzero(counts[~marked].sum(axis=0) == 0):  # nothing would be left to learn the class of
            marked[counts[:, index] > 0] = False
        held[:] = marked[groups]
        return held
    for index in np.unique(targets):
        members = generator(seed, "hold out", int(index)).permutation(np.flatnonzero(targets == index))
        held[members[: min(round(fraction * len(members)), len(members) - 1)]] = True
    return held
