"""Maps as Zarr, opened with xarray."""

import os
import resource
import warnings

import numpy as np
import pytest
import rioxarray  # noqa: F401 - registers the ``rio`` accessor
import xarray as xr

from spectralmamba.errors import OutputError
from spectralmamba.mapping.outputs import rows, write_zarr
from tests.mapping.outputs.fakes import NORTH_UP, ROTATED, TABLE, UTM, grid, made_map, stored

PLACES = {"north up": (NORTH_UP, UTM), "rotated": (ROTATED, UTM), "nowhere": (None, None)}


def opened(path) -> xr.Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return xr.open_zarr(path)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_arrays_and_what_they_mean(tmp_path, place):
    arrays = made_map(300, 270)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_zarr(*arrays, grid(300, 270, *place), TABLE, tmp_path / "map.zarr")
    with opened(tmp_path / "map.zarr") as dataset:
        for name, values in zip(("classes", "confidence", "probabilities"), arrays, strict=True):
            assert dataset[name].dtype == values.dtype
            assert np.array_equal(dataset[name], values, equal_nan=name != "classes")
            assert dataset[name].rio.crs == place[1]
            if place[0] is not None:
                assert dataset[name].rio.transform().almost_equals(place[0], precision=1e-9)
        assert dataset["probabilities"].dims == ("class_number", "y", "x")
        assert dataset["class_number"].values.tolist() == [2, 5, 9]
        attrs = dataset["classes"].attrs
        assert tuple(attrs["class_names"]) == TABLE.names
        assert tuple(attrs["class_colours"]) == TABLE.colours
        assert tuple(attrs["class_numbers"]) == TABLE.numbers
        assert dataset["classes"].rio.nodata == 0
        assert np.isnan(dataset["confidence"].rio.encoded_nodata)
        if place[0] is NORTH_UP:
            assert (dataset["x"][0], dataset["y"][0]) == (500_005, 5_799_995)
        assert dataset["confidence"].chunks == ((256, 44), (256, 14))
    assert [path.name for path in tmp_path.iterdir()] == ["map.zarr"]


def test_others_can_compute_on_it(tmp_path):
    _, confidence, _ = arrays = made_map(40, 30)
    write_zarr(*arrays, grid(40, 30), TABLE, tmp_path / "map.zarr")
    with opened(tmp_path / "map.zarr") as dataset:
        of_class = dataset["confidence"].where(dataset["classes"] == 5).mean()
        assert float(of_class) == pytest.approx(confidence[arrays[0] == 5].mean(), rel=1e-5)
        assert float(dataset["probabilities"].sel(class_number=9).max()) == np.nanmax(arrays[2][2])


def test_wide_scenes_are_written_in_lower_blocks_from_files(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "BLOCK_BYTES", 20_000)
    values = made_map(100, 90)
    files = [stored(tmp_path, name, array) for name, array in zip("ijk", values, strict=True)]
    write_zarr(*files, grid(100, 90), TABLE, tmp_path / "map.zarr")
    for file in files:
        file.close()
    with opened(tmp_path / "map.zarr") as dataset:
        assert dataset["probabilities"].chunks == ((1, 1, 1), (16,) * 6 + (4,), (90,))
        assert np.array_equal(dataset["probabilities"], values[2], equal_nan=True)
        assert np.array_equal(dataset["classes"], values[0])


def test_the_same_bytes_again_in_place_of_the_old(tmp_path):
    contents = []
    for seed in (1, 0, 0):
        write_zarr(*made_map(60, 50, seed), grid(60, 50), TABLE, tmp_path / "map.zarr")
        files = sorted(path for path in (tmp_path / "map.zarr").rglob("*") if path.is_file())
        contents.append([(path.name, path.read_bytes()) for path in files])
    assert contents[1] == contents[2] != contents[0]


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        status = 1
        try:
            write_zarr(*made_map(300, 270), grid(300, 270), TABLE, tmp_path / "map.zarr")
        except OutputError as error:
            status = 0 if "map.zarr" in str(error) and "free some space" in str(error) else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert list(tmp_path.iterdir()) == []
