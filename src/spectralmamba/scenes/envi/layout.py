"""How the numbers of an ENVI file lie in it.

Specification: https://www.nv5geospatialsoftware.com/docs/ENVIHeaderFiles.html (``data type``, ``interleave``,
``byte order``, ``header offset``).
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import SceneError
from spectralmamba.scenes.envi.header import Header

_TYPES = {1: "u1", 2: "i2", 3: "i4", 4: "f4", 5: "f8", 12: "u2", 13: "u4", 14: "i8", 15: "u8"}
_COMPLEX = (6, 9)
_BYTE_ORDERS = {0: "<", 1: ">"}

_AXES = {"bsq": (0, 1, 2), "bil": (1, 0, 2), "bip": (1, 2, 0)}
"""Which of (band, row, column) each axis of the file is, the slowest first."""


@dataclass(frozen=True)
class Layout:
    """Where each number is.

    Attributes
    ----------
    shape : tuple of int
        Bands, rows and columns.
    dtype : numpy.dtype
        With the byte order of the file.
    interleave : str
        ``bsq``, ``bil`` or ``bip``.
    offset : int
        Bytes before the first number.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    interleave: str
    offset: int

    @property
    def n_bytes(self) -> int:
        """Size that the file has at least."""
        return self.offset + math.prod(self.shape) * self.dtype.itemsize

    def view(self, path: Path) -> NDArray[Any]:
        """Look at a file as an array (band, row, column) without reading it."""
        axes = _AXES[self.interleave]
        stored = tuple(self.shape[axis] for axis in axes)
        return np.memmap(path, self.dtype, "r", self.offset, stored).transpose(np.argsort(axes))


def layout_of(header: Header) -> Layout:
    """Read the layout from a header; without ``byte order`` it is little-endian, without ``header offset`` 0.

    Raises
    ------
    SceneError
        A field is missing or impossible, or says what is not supported.
    """
    bands, height, width = (_size(header, field) for field in ("bands", "lines", "samples"))
    _require_plain(header)
    interleave = (header.text("interleave") or "").lower()
    if interleave not in _AXES:
        found = f"interleave {interleave!r}" if interleave else "no field 'interleave'"
        raise SceneError(f"{header.path} has {found}; set it to bsq, bil or bip")
    offset = header.integer("header offset", 0)
    if offset < 0:
        raise SceneError(f"{header.path} has a header offset of {offset}, but it cannot be negative; correct it")
    return Layout((bands, height, width), _dtype(header), interleave, offset)


def _size(header: Header, field: str) -> int:
    size = header.integer(field)
    if size < 1:
        raise SceneError(f"{header.path} gives {field} as {size}, but there has to be at least one; correct the header")
    return size


def _require_plain(header: Header) -> None:
    """Refuse what stands between the numbers."""
    if header.integer("file compression", 0):
        raise SceneError(f"{header.path} says that its file is compressed; unpack it and remove 'file compression'")
    for field in ("major frame offsets", "minor frame offsets"):
        values = header.numbers(field)
        if values is not None and values.any():
            raise SceneError(f"{header.path} has {field}, which are not supported; write the image again without them")


def _dtype(header: Header) -> np.dtype[Any]:
    code = header.integer("data type")
    if code in _COMPLEX:
        raise SceneError(f"{header.path} holds complex values (data type {code}); pass a scene of real numbers")
    if code not in _TYPES:
        known = ", ".join(str(known) for known in _TYPES)
        raise SceneError(f"{header.path} has data type {code}, which ENVI does not define; it is one of {known}")
    order = header.integer("byte order", 0)
    if order not in _BYTE_ORDERS:
        raise SceneError(f"{header.path} has byte order {order}; set it to 0 (little-endian) or 1 (big-endian)")
    return np.dtype(_BYTE_ORDERS[order] + _TYPES[code])
