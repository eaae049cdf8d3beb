"""A whole map tells which job it was made by, where somebody wrote it down."""

import pytest
import rasterio

from spectralmamba.mapping.outputs import job_of, write_class_map, write_zarr
from tests.mapping.outputs.fakes import TABLE, grid, made_map


def test_beside_a_geotiff_where_gdal_keeps_it(tmp_path):
    classes, confidence, probabilities = made_map(20, 30)
    write_class_map(classes, grid(20, 30), TABLE, tmp_path / "map.tif", "digest")
    assert job_of(tmp_path / "map.tif") == "digest"
    with rasterio.open(tmp_path / "map.tif") as file:
        assert file.tags(ns="SPECTRALMAMBA") == {"JOB": "digest"}
    write_zarr(classes, confidence, probabilities, grid(20, 30), TABLE, tmp_path / "map.zarr", "other")
    assert job_of(tmp_path / "map.zarr") == "other"


def test_none_where_nothing_is_said(tmp_path):
    classes, confidence, probabilities = made_map(20, 30)
    write_class_map(classes, grid(20, 30), TABLE, tmp_path / "map.tif")
    write_zarr(classes, confidence, probabilities, grid(20, 30), TABLE, tmp_path / "map.zarr")
    assert job_of(tmp_path / "map.tif") is job_of(tmp_path / "map.zarr") is job_of(tmp_path / "absent.tif") is None


@pytest.mark.parametrize("content", [b"", b"<PAMDataset><Metadata", b"\xff\x00"])
def test_none_where_it_is_damaged(tmp_path, content):
    (tmp_path / "map.tif.aux.xml").write_bytes(content)
    assert job_of(tmp_path / "map.tif") is None
