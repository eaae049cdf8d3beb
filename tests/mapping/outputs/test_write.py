"""All outputs of one map, and what the sieve changes of them."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import xarray as xr

from spectralmamba.errors import SceneError
from spectralmamba.mapping.outputs import MapOutputs, sieve_classes, write_outputs
from tests.mapping.outputs.fakes import TABLE, grid, made_map, stored


def speckled():
    classes, confidence, probabilities = made_map(90, 80)
    rng = np.random.default_rng(0)
    classes[(rng.random(classes.shape) < 0.05) & (classes > 0)] = 5
    return classes, confidence, probabilities


def asked(folder, **options) -> MapOutputs:
    return MapOutputs(
        folder / "map.tif", folder / "confidence.tif", folder / "probabilities.tif", folder / "map.gpkg", **options
    )


def test_the_sieve_changes_the_map_and_its_polygons_only(tmp_path):
    arrays = speckled()
    files = [stored(tmp_path, name, values) for name, values in zip("ijk", arrays, strict=True)]
    pixels = write_outputs(asked(tmp_path, sieve=8), grid(90, 80), TABLE, *files)
    for file in files:
        file.close()
    sieved = sieve_classes(arrays[0], 8)
    assert not np.array_equal(sieved, arrays[0])
    assert pixels == dict(zip(*(part.tolist() for part in np.unique(sieved, return_counts=True)), strict=True))
    with rasterio.open(tmp_path / "map.tif") as file:
        assert np.array_equal(file.read(1), sieved)
    with rasterio.open(tmp_path / "confidence.tif") as file:
        assert np.array_equal(file.read(1), arrays[1], equal_nan=True)
    with rasterio.open(tmp_path / "probabilities.tif") as file:
        assert np.array_equal(file.read(), arrays[2], equal_nan=True)
    polygons = gpd.read_file(tmp_path / "map.gpkg", layer="map").groupby("class")["pixels"].sum()
    assert polygons.to_dict() == {number: count for number, count in pixels.items() if number}


def test_without_a_sieve_patches_stay(tmp_path):
    arrays = speckled()
    pixels = write_outputs(asked(tmp_path), grid(90, 80), TABLE, *arrays)
    with rasterio.open(tmp_path / "map.tif") as file:
        assert np.array_equal(file.read(1), arrays[0])
    assert sum(pixels.values()) == 90 * 80


def test_zarr_beside_geotiffs(tmp_path):
    arrays = speckled()
    outputs = MapOutputs(tmp_path / "map.zarr", confidence=tmp_path / "c.tif", sieve=8)
    write_outputs(outputs, grid(90, 80), TABLE, *arrays)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.tif", "map.zarr"]
    with xr.open_zarr(tmp_path / "map.zarr") as dataset:
        assert np.array_equal(dataset["classes"], sieve_classes(arrays[0], 8))
        assert np.array_equal(dataset["probabilities"], arrays[2], equal_nan=True)


def test_only_what_was_asked_for(tmp_path):
    write_outputs(MapOutputs(tmp_path / "map.tif"), grid(90, 80), TABLE, speckled()[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.qml", "map.tif", "map.tif.aux.xml"]


def test_nothing_but_no_data_leaves_nothing(tmp_path):
    with pytest.raises(SceneError, match="nothing to map"):
        write_outputs(asked(tmp_path), grid(4, 4), TABLE, np.zeros((4, 4), np.uint8))
    assert list(tmp_path.iterdir()) == []
