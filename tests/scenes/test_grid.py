import pytest
from affine import Affine

from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.grid import Grid, GridMismatch, grid_of, union_of

from .products import CRS, TRANSFORM, cube, moved


def scene(transform=TRANSFORM):
    return make_scene(cube(), name="a", source="memory", crs=CRS, transform=transform)


@pytest.mark.parametrize(
    ("rows", "cols"), [(slice(0, 5), slice(0, 7)), (slice(2, 4), slice(3, 7)), (slice(4, 5), slice(6, 7))]
)
def test_the_grid_of_a_part_is_moved(rows, cols):
    grid = grid_of(scene().isel(y=rows, x=cols))
    assert grid.transform == moved(rows.start, cols.start)
    assert grid.shape == (rows.stop - rows.start, cols.stop - cols.start)
    assert grid_of(scene()).offset_of(grid) == (rows.start, cols.start)
    assert grid.offset_of(grid_of(scene())) == (-rows.start, -cols.start)


def test_every_second_pixel_is_another_resolution():
    with pytest.raises(GridMismatch, match="resolution"):
        grid_of(scene()).offset_of(grid_of(scene().isel(y=slice(None, None, 2))))


def test_without_georeferencing():
    plain = make_scene(cube(), name="a", source="memory")
    assert grid_of(plain) == Grid(None, None, 5, 7)
    with pytest.raises(GridMismatch, match="georeferencing"):
        grid_of(scene()).offset_of(grid_of(plain))
    with pytest.raises(GridMismatch, match="georeferencing"):
        union_of([grid_of(plain)])


def test_a_rotated_grid():
    turned = Affine(20.0, 5.0, 1000.0, 5.0, -20.0, 2000.0)
    grid = grid_of(scene(turned))
    assert grid.transform == turned
    assert grid.offset_of(grid) == (0, 0)
    assert grid.offset_of(grid_of(scene(turned).isel(y=slice(2, 4), x=slice(3, 7)))) == (2, 3)


def test_union_covers_all():
    a, b = Grid(None, moved(3, 4), 2, 2), Grid(None, moved(0, 6), 1, 5)
    union, offsets = union_of([a, b])
    assert union == Grid(None, moved(0, 4), 5, 7)
    assert offsets == [(3, 0), (0, 2)]
