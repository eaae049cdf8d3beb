"""Label maps without georeferencing: MATLAB and NumPy."""

import numpy as np
import pytest

from spectralmamba import open_labels, open_scene
from spectralmamba.errors import LabelError
from tests.scenes.products import cube, cut, write_mat5, write_mat73

LABELS = np.array([[0, 1, 1, 10, 14, 14, 0]] * 5, np.uint8)


def write_npy(path, **arrays):
    path = path.with_suffix(".npy")
    np.save(path, next(iter(arrays.values())))
    return path


every_format = pytest.mark.parametrize("write", [write_mat5, write_mat73, write_npy])
both_versions = pytest.mark.parametrize("write", [write_mat5, write_mat73])


@every_format
@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float64])
def test_a_label_map(tmp_path, write, dtype):
    scene = open_scene(write_mat5(tmp_path / "scene.mat", cube=cube().transpose(1, 2, 0)))
    labels = open_labels(write(tmp_path / "gt.mat", gt=LABELS.astype(dtype)), like=scene)
    assert labels.dtype == np.uint8
    np.testing.assert_array_equal(labels.values, LABELS)
    assert labels.attrs["classes"].numbers == (1, 10, 14)
    assert labels.rio.crs is None


@every_format
@pytest.mark.parametrize(
    ("values", "message"),
    [
        (LABELS + 0.25, "value 0.25, which is not a class number"),
        (LABELS - 2.0, "value -2.0, which is not"),
        (LABELS * 0, "no labelled pixel"),
        (np.ones((2, 5, 7)), r"holds no 2-D|has shape"),
    ],
)
def test_bad_values(tmp_path, write, values, message):
    with pytest.raises(LabelError, match=message):
        open_labels(write(tmp_path / "gt.mat", gt=values))


@every_format
def test_the_size_has_to_be_the_scene_s(tmp_path, write):
    scene = open_scene(write_mat5(tmp_path / "scene.mat", cube=cube().transpose(1, 2, 0)))
    with pytest.raises(LabelError, match=r"7 × 5 pixels but the scene 5 × 7.*transposed"):
        open_labels(write(tmp_path / "gt.mat", gt=LABELS.T), like=scene)


@every_format
def test_a_truncated_file(tmp_path, write):
    path = cut(write(tmp_path / "gt.mat", gt=np.random.default_rng(0).integers(1, 9, (40, 50))), 0.7)
    with pytest.raises(LabelError, match="cannot be read"):
        open_labels(path)


@both_versions
def test_the_one_array_of_class_numbers_is_found(tmp_path, write):
    path = write(tmp_path / "gt.mat", gt=LABELS, spectra=np.full((4, 6), 0.5), count=np.array([[3]]))
    np.testing.assert_array_equal(open_labels(path).values, LABELS)


@both_versions
def test_several_need_a_choice(tmp_path, write):
    path = write(tmp_path / "gt.mat", train=LABELS, test=LABELS * 2)
    with pytest.raises(LabelError, match=r"variable=… with one of: .*train 5 × 7"):
        open_labels(path)
    np.testing.assert_array_equal(open_labels(path, variable="test").values, LABELS * 2)
    with pytest.raises(LabelError, match="called 'all'; choose one of"):
        open_labels(path, variable="all")


def test_pickles_and_other_npy_are_refused(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.array([[None, 1]], dtype=object), allow_pickle=True)
    with pytest.raises(LabelError, match="cannot be read"):
        open_labels(path)
    np.save(path, np.array([["a", "b"]]))
    with pytest.raises(LabelError, match="labels are whole numbers"):
        open_labels(path)
    np.save(path, LABELS)
    with pytest.raises(LabelError, match="leave out variable='gt'"):
        open_labels(path, variable="gt")


@pytest.mark.real_data
def test_salinas_a_keeps_its_gaps(data_folder):
    scene = open_scene(data_folder / "salinas_a/SalinasA_corrected.mat")
    labels = open_labels(data_folder / "salinas_a/SalinasA_gt.mat", like=scene)
    assert labels.attrs["classes"].numbers == (1, 10, 11, 12, 13, 14)
    assert int((labels > 0).sum()) == 5348
