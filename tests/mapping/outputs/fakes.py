"""A small map with its grid, and a stand-in for an array that lies in a file."""

import numpy as np
from affine import Affine
from rasterio.crs import CRS

from spectralmamba.labels import ClassTable
from spectralmamba.mapping.stored import StoredArray
from spectralmamba.scenes.grid import Grid

TABLE = ClassTable(((2, "water & ice", "#0000ff"), (5, "Wälder", "#00a000"), (9, "roofs", "#ff0000")))
UTM = CRS.from_epsg(32633)
NORTH_UP = Affine(10, 0, 500_000, 0, -10, 5_800_000)
ROTATED = Affine.translation(500_000, 5_800_000) @ Affine.rotation(30) @ Affine.scale(10, -10)


def grid(height: int, width: int, transform: Affine | None = NORTH_UP, crs: CRS | None = UTM) -> Grid:
    return Grid(crs, transform, height, width)


def made_map(height: int, width: int, seed: int = 0, dtype=np.uint8):
    """Classes in patches, a corner and single pixels without data; confidences and probabilities that go with them."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 3, (-(-height // 11), -(-width // 11))).repeat(11, 0).repeat(11, 1)[:height, :width]
    probabilities = rng.random((3, height, width), dtype=np.float32) + 3 * (coarse == np.arange(3)[:, None, None])
    probabilities /= probabilities.sum(axis=0)
    invalid = rng.random((height, width)) < 0.05
    invalid[: height // 5, : width // 4] = True
    classes = np.array(TABLE.numbers, dtype)[probabilities.argmax(axis=0)]
    classes[invalid], probabilities[:, invalid] = 0, np.nan
    return classes, probabilities.max(axis=0).astype(np.float32), probabilities.astype(np.float32)


def stored(folder, name, values) -> StoredArray:
    """The same values in a file, as the mapper hands them over."""
    (folder / name).write_bytes(values.tobytes())
    return StoredArray(folder / name, values.shape, values.dtype)
