import numpy as np
import pytest

from spectralmamba.errors import DatasetError
from spectralmamba.scenes import open_dataset
from spectralmamba.scenes.datasets import download_dataset

from . import tiny


def test_a_scene_with_its_labels(served):
    download_dataset("tiny")
    opened = open_dataset("tiny")
    assert np.array_equal(opened.scene.values, tiny.cube().transpose(2, 0, 1))
    assert np.array_equal(opened.labels.values, tiny.LABELS)
    assert opened.labels.attrs["classes"].names == ("Water", "Reeds")
    assert opened.train is opened.test is None
    assert opened.entry is served


def test_a_scene_with_its_split(site, listed, tmp_path):
    train, test = (site.put(f"{name}.tif", tiny.tiff(values[None])) for name, values in PARTS.items())
    listed(tiny.split_entry(train, test))
    tmp_path.joinpath("scene.tif").write_bytes(tiny.tiff(tiny.cube().transpose(2, 0, 1)))
    download_dataset("tiny_split", tmp_path)
    opened = open_dataset("tiny_split", tmp_path)
    assert opened.labels is None
    assert np.array_equal(opened.train.values, tiny.LABELS)
    assert np.array_equal(opened.test.values, tiny.TEST)
    assert opened.train.attrs["classes"] == opened.test.attrs["classes"]


PARTS = {"train": tiny.LABELS, "test": tiny.TEST}


def test_one_that_is_not_there(served, tmp_path):
    with pytest.raises(DatasetError, match="run 'spectralmamba datasets download tiny'"):
        open_dataset("tiny")
    tmp_path.joinpath("Tiny.mat").write_bytes(tiny.SCENE_MAT)
    with pytest.raises(DatasetError, match="--to"):
        open_dataset("tiny", tmp_path)


def test_one_that_changed(served):
    folder = download_dataset("tiny")
    (folder / "Tiny.mat").write_bytes(tiny.SCENE_MAT[:-9])
    with pytest.raises(DatasetError, match="is not what it was"):
        open_dataset("tiny")


def test_one_that_was_never_verified(served, tmp_path):
    tmp_path.joinpath("Tiny.mat").write_bytes(tiny.SCENE_MAT)
    tmp_path.joinpath("Tiny_gt.mat").write_bytes(tiny.LABELS_MAT)
    with pytest.raises(DatasetError, match="not whole and verified"):
        open_dataset("tiny", tmp_path)
