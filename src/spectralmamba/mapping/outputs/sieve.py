"""Small patches of a map given to their surroundings."""

import hashlib

import numpy as np
from numpy.typing import NDArray
from rasterio import features

from spectralmamba.errors import ConfigError

CONNECTIVITY = 4
"""Pixels of a patch share a side; those that touch at a corner only are patches of their own, as in the polygons."""


def sieve_classes(
    classes: NDArray[np.unsignedinteger], size: int, out: NDArray[np.unsignedinteger] | None = None
) -> NDArray[np.unsignedinteger]:
    """Give every patch of fewer than ``size`` pixels the class of its largest neighbouring patch.

    No data is no class: it takes no pixel and gives none. GDAL's filter
    (https://gdal.org/en/stable/programs/gdal_sieve.html) passes over patches that have only small ones around them; it
    is repeated until nothing changes, so that a small patch stays only where no patch of ``size`` pixels can be reached
    from it without crossing no data. Patches are those of the whole map, whatever tiles it was computed in.

    Besides ``classes`` and ``out``, which may lie on disk, it takes a byte or two a pixel and some 30 to 60 bytes a
    patch: measured, with both in memory, 6 bytes a pixel for a speckled map of 90 million pixels.

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
    size = min(size, classes.size)  # GDAL takes no more, and no patch is larger
    data = (np.asarray(classes) > 0).view(np.uint8)
    before = b""
    while size > 1 and (now := hashlib.blake2b(out.data).digest()) != before:
        before = now
        features.sieve(out, size, out=out, mask=data, connectivity=CONNECTIVITY)
    return out
