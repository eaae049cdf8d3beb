"""Arrays in files."""

import numpy as np
import pytest

from spectralmamba.mapping.stored import StoredArray, check_sum
from spectralmamba.mapping.tiles import Tile, iterate_tiles


@pytest.mark.parametrize("shape", [(9, 7), (3, 9, 7)])
@pytest.mark.parametrize("size", [(4, 3), (2, 7), (9, 7)])
def test_what_is_written_by_tiles_is_read_by_rows(tmp_path, shape, size):
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    with StoredArray(tmp_path / "a", shape, values.dtype, create=True) as array:
        for tile in iterate_tiles(9, 7, size):
            part = np.ascontiguousarray(values[(..., *tile.window)])
            assert array.write_tile(tile, values[(..., *tile.window)]) == check_sum(part)
            assert np.array_equal(array.read_tile(tile), part)
        array.flush()
        for rows in (slice(0, 9), slice(2, 5), slice(8, 20), slice(4, 4)):
            assert np.array_equal(array[rows], values[..., rows, :])
    assert (tmp_path / "a").read_bytes() == values.tobytes()
    with StoredArray(tmp_path / "a", shape, values.dtype) as again:
        assert np.array_equal(again[0:9], values)


def test_the_space_is_taken_at_once(tmp_path):
    with StoredArray(tmp_path / "a", (100, 100), np.dtype(np.uint16), create=True):
        assert (tmp_path / "a").stat().st_size == 20000


def test_a_file_of_another_size_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"123")
    with pytest.raises(OSError, match="3 bytes, not 4"):
        StoredArray(tmp_path / "a", (2, 2), np.dtype(np.uint8))


def test_a_file_that_is_cut_while_open_is_an_error(tmp_path):
    with StoredArray(tmp_path / "a", (4, 4), np.dtype(np.uint8), create=True) as array:
        (tmp_path / "a").write_bytes(b"12345")
        with pytest.raises(OSError, match="ends early"):
            array.read_tile(Tile(0, 4, 0, 4))
