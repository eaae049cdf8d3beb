"""Samples put together, or some of them taken, without copying any."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spectralmamba.sampling.patches import Samples


@dataclass(frozen=True, eq=False)
class JoinedSamples:
    """The samples of one set, and then those of another of the same kind."""

    first: Samples
    second: Samples

    @property
    def targets(self) -> NDArray[np.int64]:
        """Class index 0..K-1 of each sample."""
        return np.concatenate([self.first.targets, self.second.targets])

    def batch(
        self, indices: NDArray[np.integer], orientation: NDArray[np.integer] | None = None
    ) -> NDArray[np.float32]:
        """Give samples, patches turned by ``orientation`` where it is given."""
        later = indices >= len(self.first.targets)
        parts = ((self.first, ~later, 0), (self.second, later, len(self.first.targets)))
        given = [
            (chosen, samples.batch(indices[chosen] - offset, None if orientation is None else orientation[chosen]))
            for samples, chosen, offset in parts
            if chosen.any()
        ]
        result = np.empty((len(indices), *given[0][1].shape[1:]), np.float32)
        for chosen, values in given:
            result[chosen] = values
        return result


@dataclass(frozen=True, eq=False)
class SomeSamples:
    """Some of the samples of a set, by index."""

    whole: Samples
    indices: NDArray[np.int64]

    @property
    def targets(self) -> NDArray[np.int64]:
        """Class index 0..K-1 of each sample."""
        return self.whole.targets[self.indices]

    def batch(
        self, indices: NDArray[np.integer], orientation: NDArray[np.integer] | None = None
    ) -> NDArray[np.float32]:
        """Give samples, patches turned by ``orientation`` where it is given."""
        return self.whole.batch(self.indices[indices], orientation)


def centre_spectra(samples: Samples, at_once: int = 4096) -> NDArray[np.float32]:
    """Give each sample's own spectrum, shape (n, C), some at a time: windows take many times their memory."""
    found = []
    for start in range(0, len(samples.targets), at_once):
        values = samples.batch(np.arange(start, min(start + at_once, len(samples.targets))))
        found.append(values if values.ndim == 2 else values[:, :, values.shape[2] // 2, values.shape[3] // 2])
    return np.concatenate(found)
