"""Data sets of a few pixels, with the structure of the real ones."""

import hashlib
import io
import warnings
import zipfile

import numpy as np
import scipy.io
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from spectralmamba.scenes.datasets.entry import DataFile, Dataset, LabelFile

HEIGHT, WIDTH, BANDS = 6, 5, 7

LABELS = np.zeros((HEIGHT, WIDTH), np.uint8)
LABELS[0, :3] = 1
LABELS[2, 1:] = 4
CLASSES = ((1, "Water"), (4, "Reeds"))
COUNTS = (3, 4)

TEST = np.zeros((HEIGHT, WIDTH), np.uint8)
TEST[4, :2] = 1
TEST[5, :] = 4
TEST_COUNTS = (2, 5)

PAGE = "https://owner.example/scenes"


def cube(bands: int = BANDS, seed: int = 0, dtype: str = "uint16") -> np.ndarray:
    """Random values, shape (HEIGHT, WIDTH, bands)."""
    return np.random.default_rng(seed).integers(1, 5000, (HEIGHT, WIDTH, bands)).astype(dtype)


def mat(**arrays: np.ndarray) -> bytes:
    """A MATLAB file."""
    with io.BytesIO() as file:
        scipy.io.savemat(file, arrays, do_compression=True)
        return file.getvalue()


def tiff(values: np.ndarray) -> bytes:
    """A TIFF of (bands, rows, columns), not georeferenced."""
    bands, height, width = values.shape
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with MemoryFile() as memory:
            with memory.open(driver="GTiff", count=bands, height=height, width=width, dtype=values.dtype) as file:
                file.write(values)
            return memory.read()


def zip_of(members: dict[str, bytes]) -> bytes:
    """A zip archive of members by path."""
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in members.items():
                archive.writestr(path, content)
        return file.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


SCENE_MAT = mat(Tiny=cube())
LABELS_MAT = mat(Tiny_gt=LABELS)


def open_entry(scene: str | None, labels: str | None, **options: object) -> Dataset:
    """A data set of two MATLAB files, like those of the GIC."""
    given = {"sha256": None, "by_hand": None, "counts": COUNTS} | options
    return Dataset(
        name="tiny",
        title="Tiny",
        sensor="AVIRIS",
        height=HEIGHT,
        width=WIDTH,
        bands=BANDS,
        classes=CLASSES,
        scene=DataFile("Tiny.mat", scene, given["sha256"], "Tiny"),
        labels=(LabelFile("labels", DataFile("Tiny_gt.mat", labels, None, "Tiny_gt"), given["counts"]),),
        owner="Somebody",
        page=PAGE,
        citation="Somebody: Tiny, 2026",
        terms="none",
        by_hand=given["by_hand"],
    )


def split_entry(train: str, test: str) -> Dataset:
    """A data set like Houston2013: a GeoTIFF that wants a form, and the two parts of a split from elsewhere."""
    return Dataset(
        name="tiny_split",
        title="Tiny with a split",
        sensor="CASI-1500",
        height=HEIGHT,
        width=WIDTH,
        bands=BANDS,
        classes=CLASSES,
        scene=DataFile("scene.tif", member="contest/scene.tif"),
        labels=(
            LabelFile("train", DataFile("train.tif", train, page="https://elsewhere.example"), COUNTS),
            LabelFile("test", DataFile("test.tif", test), TEST_COUNTS),
        ),
        owner="Somebody",
        page=PAGE,
        citation="Somebody: Tiny, 2026",
        terms="none",
        by_hand="the owner wants a form filled in",
        archive="contest.zip",
    )
