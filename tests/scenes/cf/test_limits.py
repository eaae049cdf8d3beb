import numpy as np
import pytest

from spectralmamba import open_scene
from tests.scenes.products import cf as product

AXES = ("band", "y", "x")


def missing(folder, values, **attrs):
    """Where the scene of a file with these attributes has no value, among values 0, 1, 2 …"""
    scene = open_scene(product.write(folder / "a.nc", {"cube": (AXES, values, attrs)}))
    return np.flatnonzero(np.isnan(scene.values)).tolist()


@pytest.mark.parametrize(
    "attrs",
    [
        {"valid_range": np.array([2, 102])},
        {"valid_min": 2, "valid_max": 102},
    ],
)
@pytest.mark.parametrize("kind", [np.float32, np.int16])
def test_values_beyond_the_limits_are_missing(tmp_path, kind, attrs):
    typed = {name: np.asarray(limit, kind) for name, limit in attrs.items()}
    assert missing(tmp_path, product.cube().astype(kind), **typed) == [0, 1, 103, 104]


def test_limits_of_stored_integers_are_stored_numbers(tmp_path):
    stored = product.cube().astype(np.int16)
    packing = {"scale_factor": -0.01, "add_offset": 0.3}
    assert missing(tmp_path, stored, valid_range=np.array([2, 102], np.int16), **packing) == [0, 1, 103, 104]


def test_limits_that_are_floating_point_numbers_are_scaled_ones(tmp_path):
    stored = product.cube().astype(np.int16)
    assert missing(tmp_path, stored, valid_min=np.float32(0.015), scale_factor=0.01) == [0, 1]


def test_one_limit_of_integers(tmp_path):
    assert missing(tmp_path, product.cube().astype(np.int16), valid_max=np.int16(102)) == [103, 104]


@pytest.mark.parametrize("limits", [np.array([1, 2, 3]), np.array([np.nan, 1]), np.array([], np.float32)])
def test_limits_that_are_none(tmp_path, limits):
    assert missing(tmp_path, product.cube(), valid_range=limits) == []
