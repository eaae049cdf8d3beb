"""ERDAS 7.x class rasters."""

import struct

import numpy as np
import pytest
import scipy.io

from spectralmamba import open_labels
from spectralmamba.errors import LabelError

VALUES = np.arange(12, dtype=np.uint8).reshape(3, 4)


def gis(values=VALUES, packing=0, n_bands=1, word=b"HEAD74", order="<", data=None) -> bytes:
    """What ERDAS wrote: 128 bytes of header, then the rows."""
    rows, columns = values.shape
    header = bytearray(128)
    header[:6] = word
    struct.pack_into(order + "hh", header, 6, packing, n_bands)
    struct.pack_into(order + ("ff" if word == b"HEADER" else "ii"), header, 16, columns, rows)
    return bytes(header) + (values.tobytes() if data is None else data)


@pytest.mark.parametrize(
    "content",
    [
        gis(),
        gis(word=b"HEADER"),
        gis(order=">"),
        gis(packing=2, data=VALUES.astype("<u2").tobytes()),
        gis(packing=2, order=">", data=VALUES.astype(">u2").tobytes()),
        gis(packing=1, data=(VALUES[:, ::2] * 16 + VALUES[:, 1::2]).tobytes()),
        gis() + b"more",
    ],
)
def test_every_packing_and_byte_order(tmp_path, content):
    (tmp_path / "a.gis").write_bytes(content)
    labels = open_labels(tmp_path / "a.gis")
    np.testing.assert_array_equal(labels.values, VALUES)
    assert labels.rio.crs is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gis()[:60], "cut off inside its header"),
        (gis()[:-1], "3 × 4 pixels of 8 bits, 140 bytes, but it has 139"),
        (gis(n_bands=3), "it has 3 bands"),
        (gis(packing=7), "damaged header"),
        (gis(values=VALUES[:0]), "damaged header"),
        (gis(values=VALUES[:, :3].copy(), packing=1), "half bytes, which is ambiguous"),
        (gis(word=b"HEADER")[:16] + struct.pack("<ff", np.nan, 3) + gis()[24:], "damaged header"),
    ],
)
def test_broken(tmp_path, content, message):
    (tmp_path / "bad.gis").write_bytes(content)
    with pytest.raises(LabelError, match=message) as caught:
        open_labels(tmp_path / "bad.gis")
    assert "bad.gis" in str(caught.value)


@pytest.mark.real_data
def test_the_indian_pines_file(data_folder):
    """It differs from the ground truth in use by little: 1.9 % of the pixels, and not by a turn or a shift."""
    labels = open_labels(data_folder / "indian_pines/92AV3GT.GIS")
    counts = [54, 1434, 834, 234, 497, 747, 26, 489, 20, 968, 2468, 614, 212, 1294, 380, 95]
    assert np.bincount(labels.values.ravel())[1:].tolist() == counts
    truth = scipy.io.loadmat(data_folder / "indian_pines/Indian_pines_gt.mat")["indian_pines_gt"]
    assert (labels.values == truth).mean() > 0.98
