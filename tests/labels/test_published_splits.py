"""The published label maps of the data folder, in their odd formats."""

import numpy as np
import pytest
import xarray as xr

from spectralmamba import open_labels, split_fixed

pytestmark = pytest.mark.real_data

MAPS = [
    # file, shape, labelled pixels, classes
    ("augsburg/TrainImage.mat", (332, 485), 761, 7),
    ("augsburg/TestImage.mat", (332, 485), 77533, 7),  # stored as real numbers
    ("indian_pines/Indian_pines_gt.mat", (145, 145), 10249, 16),
    ("indian_pines/MambaLG_IP_training.mat", (145, 145), 5689, 16),
    ("indian_pines/MambaLG_IP_testing.mat", (145, 145), 4711, 16),
    ("pavia_u/PaviaU_gt.mat", (610, 340), 42776, 9),
    ("pavia_u/TRpavia_fixed.mat", (610, 340), 3921, 9),
    ("pavia_u/TSpavia_fixed.mat", (610, 340), 40002, 9),
    ("trento/TRLabel.mat", (166, 600), 819, 6),
    ("trento/TSLabel.mat", (166, 600), 29395, 6),
    ("botswana/Botswana_gt.mat", (1476, 256), 3248, 14),
]


@pytest.mark.parametrize(("name", "shape", "labelled", "n_classes"), MAPS)
def test_whatever_the_key_and_type(data_folder, name, shape, labelled, n_classes):
    labels = open_labels(data_folder / name)
    assert labels.dtype == np.uint8
    assert labels.shape == shape
    assert int((labels > 0).sum()) == labelled
    assert len(labels.attrs["classes"]) == n_classes


def test_numbers_with_gaps(data_folder):
    assert open_labels(data_folder / "salinas_a/SalinasA_gt.mat").attrs["classes"].numbers == (1, 10, 11, 12, 13, 14)


def test_training_pixels_that_the_full_map_does_not_have(data_folder):
    """1147 of Pavia's; a fixed split keeps them, since it takes the two maps as they are."""
    folder = data_folder / "pavia_u"
    train, test, full = (
        open_labels(folder / f"{name}.mat") for name in ("TRpavia_fixed", "TSpavia_fixed", "PaviaU_gt")
    )
    assert int(((train > 0) & (full == 0)).sum()) == 1147
    split = split_fixed(train, test, radius=0, validation_fraction=0.0)
    assert (split.total("train"), split.total("test")) == (3921, 40002)


@pytest.mark.parametrize("pair", [("trento/TRLabel", "trento/TSLabel"), ("augsburg/TrainImage", "augsburg/TestImage")])
def test_published_pairs_are_disjoint_and_of_one_table(data_folder, pair):
    train, test = (open_labels(data_folder / f"{name}.mat") for name in pair)
    assert not ((train > 0) & (test > 0)).any()
    assert train.attrs["classes"].numbers == test.attrs["classes"].numbers
    assert isinstance(xr.align(train, test, join="exact")[0], xr.DataArray)


@pytest.mark.parametrize("cut", [200, 130, 40])
def test_a_split_that_was_cut_off(data_folder, tmp_path, cut):
    from spectralmamba.errors import LabelError

    content = (data_folder / "trento/TRLabel.mat").read_bytes()
    (tmp_path / "bad.mat").write_bytes(content[:cut])
    with pytest.raises(LabelError, match=r"bad\.mat"):
        open_labels(tmp_path / "bad.mat")
