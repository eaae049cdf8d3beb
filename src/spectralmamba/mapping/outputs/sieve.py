"""Small patches of a map given to their surroundings."""

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from rasterio import features

from spectralmamba.errors import ConfigError
from spectralmamba.mapping.outputs.speckle import speckled_areas, unite_patches

CONNECTIVITY = 4
"""Pixels of a patch share a side; those that touch at a corner only are patches of their own, as in the polygons."""


def sieve_classes(
    classes: NDArray[np.unsignedinteger], size: int, out: NDArray[np.unsignedinteger] | None = None
) -> NDArray[np.unsignedinteger]:
    """Give every patch of fewer than ``size`` pixels the class of its largest neighbouring patch.

    No data is no class: it takes no pixel and gives none. GDAL's filter
    (https://gdal.org/en/stable/programs/gdal_sieve.html) passes over patches that have only small ones around them; it
    is repeated until nothing changes. In areas where no patch has ``size`` pixels, which it would leave as they are,
    it is asked for fewer first, and what is left then is united one by one (:func:`.speckle.unite_patches`). So a small
    patch stays only where all around it is no data. Patches are those of the whole map, whatever tiles it was computed
    in.

    Besides ``classes`` and ``out``, which may lie on disk, it takes some 10 bytes a pixel and 30 to 60 bytes a patch.

    Parameters
    ----------
    classes : ndarray of uint8 or uint16, shape (height, width)
        0 = no data; a memmap will do.
    size : int
        Smallest number of pixels that a patch keeps its class with; 1 changes nothing.
    out : ndarray, same shape and type, optional
        Takes the result; a new array where not given.

    Returns
    -------
    ndarray, same shape and type

    Raises
    ------
    ConfigError
        ``size`` is below 1.
    """
    if size < 1:
        raise ConfigError(f"patches of fewer than {size} pixels cannot be sieved; give at least 1 pixel")
    if out is None:
        out = np.empty_like(classes)
    out[:] = classes
    if size > 1:
        _sieve_large(out, size)
        for window, inside in speckled_areas(out, size):
            area = np.where(inside, out[window], 0)
            for fewer in _doubled(size):
                _sieve_large(area, fewer)
            unite_patches(area, size)
            out[window][inside] = area[inside]
    return out


def _sieve_large(classes: NDArray[np.unsignedinteger], size: int) -> None:
    """Sieve in place by GDAL, which takes no size beyond the map's, until nothing changes."""
    data = (np.asarray(classes) > 0).view(np.uint8)
    before = b""
    while (now := hashlib.blake2b(np.ascontiguousarray(classes).data).digest()) != before:
        before = now
        features.sieve(classes, min(size, classes.size), out=classes, mask=data, connectivity=CONNECTIVITY)


def _doubled(size: int) -> Iterator[int]:
    """Sizes from 2 on, each twice the last, up to ``size``."""
    smaller = 2
    while smaller < size:
        yield smaller
        smaller *= 2
    yield size
