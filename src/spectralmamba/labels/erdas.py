"""ERDAS 7.x class rasters (``.GIS``), such as the ground truth that comes with the Indian Pines scene.

A header of 128 bytes, then one band by row, without padding. The fields that matter here, offset in bytes: 0 the word
``HEAD74`` (``HEADER`` before version 7.4), 6 packing (0: 8 bits, 1: 4 bits, the first pixel in the upper half of a
byte, 2: 16 bits), 8 number of bands, 16 columns and 20 rows, whole numbers of 32 bits (real ones before 7.4). Files
were written in either byte order; the number of bands tells which. Source: the notes on the format in GDAL's driver
(https://gdal.org/en/stable/drivers/raster/lan.html). The CRS is named in part only, so map coordinates are not used.
"""

import struct
from pathlib import Path

import numpy as np

from spectralmamba.errors import LabelError
from spectralmamba.labels.raster import LabelRaster, plain_raster

_WORDS = (b"HEAD74", b"HEADER")
_HEADER_BYTES = 128
_BITS = {0: 8, 1: 4, 2: 16}


def recognises(path: Path) -> bool:
    """Whether ``path`` begins like an ERDAS 7.x raster."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(6) in _WORDS


def read(path: Path, variable: str | None = None) -> LabelRaster:
    """Read a class raster, without georeferencing.

    Parameters
    ----------
    path : pathlib.Path
    variable : str, optional
        Must be None: the file holds one raster.

    Raises
    ------
    LabelError
        The file has several bands, an unknown packing, or another length than its header says.
    """
    if variable is not None:
        raise LabelError(f"{path} is an ERDAS raster, which holds one array; leave out variable={variable!r}")
    content = path.read_bytes()
    if len(content) < _HEADER_BYTES:
        raise LabelError(f"{path} is cut off inside its header; fetch it again")
    order = "<" if content[8] else ">"
    packing, n_bands = struct.unpack_from(order + "hh", content, 6)
    columns, rows = _size(content, order)
    if n_bands != 1:
        raise LabelError(f"{path} is not a label raster: it has {n_bands} bands; pass an ERDAS .GIS with one")
    if packing not in _BITS or columns < 1 or rows < 1:
        raise LabelError(f"{path} has a damaged header ({rows} × {columns} pixels, packing {packing}); fetch it again")
    if columns * _BITS[packing] % 8:
        raise LabelError(f"{path} packs {columns} pixels a row into half bytes, which is ambiguous; save it as 8 bits")
    stride = columns * _BITS[packing] // 8
    if len(content) < _HEADER_BYTES + rows * stride:
        raise LabelError(
            f"{path} is cut off: its header says {rows} × {columns} pixels of {_BITS[packing]} bits, "
            f"{_HEADER_BYTES + rows * stride} bytes, but it has {len(content)}; fetch it again"
        )
    data = np.frombuffer(content, np.uint8, rows * stride, _HEADER_BYTES).reshape(rows, stride)
    return plain_raster(path, _unpacked(data, packing, order))


def _size(content: bytes, order: str) -> tuple[int, int]:
    """Columns and rows: whole numbers from version 7.4 on, real ones before."""
    sizes = struct.unpack_from(order + ("ii" if content.startswith(b"HEAD74") else "ff"), content, 16)
    columns, rows = (int(size) if np.isfinite(size) else 0 for size in sizes)
    return columns, rows


def _unpacked(data: np.ndarray, packing: int, order: str) -> np.ndarray:
    """Values of each row, shape (rows, columns)."""
    if packing == 0:
        return data
    if packing == 2:
        return data.view(order + "u2")
    return np.stack([data >> 4, data & 15], axis=-1).reshape(len(data), -1)
