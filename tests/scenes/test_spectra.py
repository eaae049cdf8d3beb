"""Labelled spectra without a scene, as scene and as labels."""

import numpy as np
import pytest

from spectralmamba.errors import LabelError, SceneError
from spectralmamba.labels import open_labels
from spectralmamba.sampling.groups import region_groups
from spectralmamba.scenes import open_scene, open_spectra


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    return {
        "X": rng.uniform(0, 5000, (6, 4)).astype(np.uint16),
        "y": np.array([1, 1, 2, 2, 7, 7], np.uint8),
        "row": np.array([3, 3, 0, 1, 5, 6], np.int16),
        "col": np.array([2, 3, 8, 8, 0, 0], np.int16),
        "region": np.array([0, 0, 1, 1, 2, 2]),
    }


@pytest.fixture
def write(tmp_path):
    def save(arrays):
        np.savez(tmp_path / "pixels.npz", **arrays)
        return tmp_path / "pixels.npz"

    return save


def test_each_spectrum_stands_at_its_place(arrays, write):
    path = write(arrays)
    scene = open_scene(path)
    labels = open_labels(path, like=scene)
    assert scene.shape == (4, 7, 9)
    assert scene.dtype == np.float32
    assert int(np.isfinite(scene.values).all(axis=0).sum()) == 6
    for spectrum, number, row, col in zip(*(arrays[k] for k in ("X", "y", "row", "col")), strict=True):
        np.testing.assert_array_equal(scene.values[:, row, col], spectrum)
        assert labels.values[row, col] == number
    assert labels.attrs["classes"].numbers == (1, 2, 7)
    assert int((labels.values > 0).sum()) == 6


def test_windows_and_bands_are_read_alone(arrays, write):
    scene = open_scene(write(arrays))
    whole = scene.values
    part = open_scene(write(arrays))[[2, 0], 1:4, [8, 2]]
    np.testing.assert_array_equal(part.values, whole[[2, 0], 1:4][:, :, [8, 2]])


def test_wavelengths_and_names_are_carried(arrays, write):
    path = write(arrays | {"wavelength": np.array([400.0, 500, 600, 700]), "class_names": np.array(["a", "b", "c"])})
    scene = open_scene(path)
    assert scene.wavelength.values.tolist() == [400, 500, 600, 700]
    assert open_labels(path, like=scene).attrs["classes"].names == ("a", "b", "c")


@pytest.mark.parametrize("missing", [("row", "col"), ("row", "col", "region")])
def test_without_places_regions_stay_regions_and_all_else_apart(arrays, missing, write):
    path = write({name: value for name, value in arrays.items() if name not in missing})
    labels = open_labels(path, like=open_scene(path)).values
    assert sorted(labels[labels > 0].tolist()) == sorted(arrays["y"].tolist())
    assert region_groups(labels).max() == (6 if "region" in missing else 3)


@pytest.mark.parametrize(
    ("wavelength", "unit"),
    [
        ([0.4, 0.5, 0.6, 0.7], None),
        ([0.4, 0.5, 0.6, 0.7], "um"),
        ([400, 500, 600, 700], "nm"),
        ([400, 500, 600, 700], np.array([b"nm"])),
        ([400, 500, 600, 700], np.array([], str)),
    ],
)
def test_what_is_said_of_the_bands(arrays, wavelength, unit, write):
    bands = {"wavelength": np.array(wavelength), "fwhm": np.array(wavelength) / 100, "good": np.array([1, 0, 1, 1])}
    path = write(arrays | bands | ({} if unit is None else {"wavelength_units": unit}))
    for opened in (open_scene(path), open_spectra(path)):
        np.testing.assert_allclose(opened.wavelength, [400, 500, 600, 700])
        np.testing.assert_allclose(opened.fwhm, [4, 5, 6, 7])
        assert np.asarray(opened.good).tolist() == [True, False, True, True]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": np.zeros(6)}, "shape"),
        ({"X": np.zeros((6, 1))}, "1 band"),
        ({"X": np.zeros((0, 4))}, "shape"),
        ({"X": np.array([["a"] * 4] * 6)}, "numbers"),
        ({"row": np.zeros(5, int)}, "row has shape"),
        ({"row": np.zeros(6, int), "col": np.zeros(6, int)}, "has one already"),
        ({"row": np.arange(6) - 1}, "whole numbers from 0"),
        ({"row": np.arange(6) + 0.5}, "whole numbers from 0"),
        ({"wavelength": np.arange(3.0)}, "one number a band"),
        ({"good": np.ones(3, bool)}, "one number a band"),
        ({"wavelength": np.arange(4.0), "wavelength_units": "furlong"}, "'furlong', which is not a known unit"),
    ],
)
def test_arrays_that_do_not_go_together_are_refused(arrays, change, message, write):
    with pytest.raises(SceneError, match=message):
        open_scene(write(arrays | change))


def test_a_place_without_the_other_coordinate_is_refused(arrays, write):
    with pytest.raises(SceneError, match="only one of row and col"):
        open_scene(write({name: value for name, value in arrays.items() if name != "col"}))


@pytest.mark.parametrize(
    ("change", "message"),
    [({"y": np.full(6, 1.5)}, "not a class number"), ({"class_names": np.array(["a"])}, "class_names for 3 classes")],
)
def test_labels_that_are_none_are_refused(arrays, change, message, write):
    with pytest.raises(LabelError, match=message):
        open_labels(write(arrays | change))


def test_spectra_without_labels_have_none(arrays, write):
    path = write({name: value for name, value in arrays.items() if name != "y"})
    with pytest.raises(LabelError, match="no array 'y'"):
        open_labels(path, like=open_scene(path))


def test_a_damaged_file_is_said_to_be_damaged(arrays, write):
    path = write(arrays)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(SceneError, match=r"cannot be read as an \.npz"):
        open_scene(path)


def test_pickled_objects_are_refused(tmp_path):
    np.savez(tmp_path / "bad.npz", X=np.array([[{}, 1]], dtype=object))
    with pytest.raises(SceneError, match="cannot be read"):
        open_scene(tmp_path / "bad.npz")
