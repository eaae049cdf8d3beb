import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectralmamba.sampling.windows import read_box, read_window, reflect_indices

from .lazy import lazy_scene, random_cube, scene_of


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (1, [0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (2, [0, 1, 0, 1, 0, 1, 0, 1, 0]),
        (3, [0, 1, 2, 1, 0, 1, 2, 1, 0]),
    ],
)
def test_reflection_of_tiny_axes(size, expected):
    assert reflect_indices(-4, 5, size).tolist() == expected


@given(size=st.integers(1, 12), before=st.integers(0, 40), after=st.integers(0, 40))
def test_reflection_is_numpys(size, before, after):
    expected = np.pad(np.arange(size), (before, after), mode="reflect")
    np.testing.assert_array_equal(reflect_indices(-before, size + after, size), expected)


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (2, 3), (3, 3), (9, 8)])
@pytest.mark.parametrize("radius", [0, 1, 2, 5])
def test_the_whole_scene_is_reflected(shape, radius):
    cube = random_cube(3, *shape)
    window = read_window(scene_of(cube), (0, shape[0]), (0, shape[1]), radius)
    np.testing.assert_array_equal(window, np.pad(cube, ((0, 0), (radius, radius), (radius, radius)), mode="reflect"))


@pytest.mark.parametrize(("rows", "columns"), [((4, 6), (3, 7)), ((0, 2), (0, 3)), ((8, 9), (5, 8)), ((0, 9), (7, 8))])
def test_parts_see_their_true_neighbours(rows, columns):
    cube, radius = random_cube(3, 9, 8), 2
    whole = np.pad(cube, ((0, 0), (radius, radius), (radius, radius)), mode="reflect")
    expected = whole[:, rows[0] : rows[1] + 2 * radius, columns[0] : columns[1] + 2 * radius]
    np.testing.assert_array_equal(read_window(scene_of(cube), rows, columns, radius), expected)


def test_one_missing_value_makes_the_pixel_missing():
    cube = random_cube(3, 4, 5)
    cube[1, 2, 3] = np.nan
    cube[0, 0, 0] = np.inf
    window = read_window(scene_of(cube), (0, 4), (0, 5))
    assert np.isnan(window[:, 2, 3]).all()
    assert np.isnan(window[:, 0, 0]).all()
    assert np.isnan(window).sum() == 6


def test_bands_are_chosen_before_validity_is_decided():
    cube = random_cube(4, 4, 5)
    cube[1, 2, 3] = np.nan
    window = read_window(scene_of(cube), (0, 4), (0, 5), bands=np.array([3, 0]))
    np.testing.assert_array_equal(window, cube[[3, 0]])


def test_nodata_that_was_not_masked():
    cube = random_cube(3, 4, 5)
    cube[2, 1, 1] = -9999
    scene = scene_of(cube).rio.write_nodata(-9999)
    window = read_window(scene, (0, 4), (0, 5), 1)
    assert np.isnan(window[:, 2, 2]).all()
    assert not (window == -9999).any()
    box = read_box(scene, (1, 2), (1, 2))
    assert np.isnan(box[2, 0, 0])
    assert np.isfinite(box[:2]).all()
    assert scene.values[2, 1, 1] == -9999  # the scene itself is left alone


def test_excluded_pixels():
    excluded = np.zeros((4, 5), bool)
    excluded[0, 1] = True
    scene = scene_of(random_cube(3, 4, 5)).assign_coords(excluded=(("y", "x"), excluded))
    window = read_window(scene, (1, 4), (0, 5), 1)
    missing = np.isnan(window).all(axis=0)
    assert missing[0].tolist() == [True, False, True, False, False, False, False]  # column 1, and its reflection
    assert np.isnan(window).any(axis=0).sum() == 2


def test_lazy_scenes_are_read_by_the_window():
    scene, array = lazy_scene(random_cube(3, 400, 300))
    window = read_window(scene, (100, 110), (290, 300), 3)
    assert array.reads == [(slice(97, 113), slice(287, 300))]
    assert window.shape == (3, 16, 16)
    assert not scene.variable._in_memory
