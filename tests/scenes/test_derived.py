"""What all scenes have in common that are computed while they are read."""

import io

import joblib
import numpy as np
import pytest

from spectralmamba import fill_gaps, match_bands, merge_detectors, open_scene, resample, select_wavelengths

from .products import band_tags, cube, write_tiff

FIRST = {"wavelength_units": "nm"}


@pytest.fixture
def scene(tmp_path):
    tags = [tag | FIRST for tag in band_tags(6)]
    scene = open_scene(write_tiff(tmp_path / "a.tif", cube(6), tags=tags, nodata=-1))
    return scene.assign_coords(excluded=(("y", "x"), np.eye(5, 7, dtype=bool)))


DERIVED = {
    "resampled": lambda s: resample(s, [405.0, 420.0], [10.0, 15.0]),
    "filled": lambda s: fill_gaps(s, 2),
    "matched": lambda s: match_bands(s, [430.5, 999.0, 400.5], needed=np.array([0, 2])),
    "merged": lambda s: merge_detectors(s.isel(band=slice(0, 4)), s.isel(band=slice(2, 6))),
    "selected": lambda s: select_wavelengths(s, "410-440"),
}


@pytest.mark.parametrize("make", DERIVED.values(), ids=DERIVED)
def test_they_are_scenes_like_any_other(scene, make):
    derived = make(scene)
    assert not derived.variable._in_memory
    assert derived.dims == ("band", "y", "x")
    assert derived.dtype == np.float32
    assert derived.name == "a"
    assert {"wavelength", "fwhm", "good", "excluded", "spatial_ref"} <= set(derived.coords)
    assert derived.rio.crs == scene.rio.crs
    assert derived.isel(y=slice(1, 3)).rio.transform().f == scene.rio.transform().f - 30
    assert derived.attrs["source"] == scene.attrs["source"]
    assert derived.rio.encoded_nodata == -1
    assert np.isnan(derived.rio.nodata)


@pytest.mark.parametrize("make", DERIVED.values(), ids=DERIVED)
def test_they_can_be_sent_to_other_processes_and_chunked(scene, make):
    derived = make(scene)
    buffer = io.BytesIO()
    joblib.dump(derived, buffer)
    assert buffer.tell() < 20_000  # nothing of the pixels
    buffer.seek(0)
    again = joblib.load(buffer)
    np.testing.assert_array_equal(again.values, derived.values)
    np.testing.assert_array_equal(derived.chunk({"y": 2}).values, derived.values)
