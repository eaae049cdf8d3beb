import numpy as np
import pytest

from spectralmamba.errors import ConfigError
from spectralmamba.scenes.gaps import fill_gaps

from .spectral import is_lazy, spectral

WAVELENGTH = [400, 410, 430, 440, 450, 460, 470, 480]


def with_gaps(**options):
    values = np.broadcast_to(np.array(WAVELENGTH, np.float32)[:, None, None] * 2, (8, 2, 4)).copy()
    values[2, 0, 0] = np.nan  # one band
    values[3:5, 0, 1] = np.nan  # two
    values[3:6, 0, 2] = np.nan  # three
    values[0, 0, 3], values[7, 0, 3] = np.nan, np.nan  # at the ends
    values[:, 1, 0] = np.nan  # no data at all
    values[[1, 3, 5], 1, 1] = np.nan  # three gaps of one
    return spectral(WAVELENGTH, values, **options)


def test_short_gaps_are_filled_by_wavelength_and_others_stay():
    filled = fill_gaps(with_gaps(), 2)
    assert is_lazy(filled)
    missing = np.isnan(filled.values)
    np.testing.assert_array_equal(missing.any(axis=0), [[False, False, True, True], [True, False, False, False]])
    assert missing[:, 0, 2].sum() == 3
    truth = np.broadcast_to(np.array(WAVELENGTH, np.float32)[:, None, None] * 2, filled.shape)
    np.testing.assert_allclose(filled.values[~missing], truth[~missing], rtol=1e-6)
    assert filled.attrs["filled_gaps"] == 2


def test_none_are_filled_without_being_asked():
    scene = with_gaps()
    assert fill_gaps(scene, 0) is scene
    with pytest.raises(ConfigError, match="-1 bands cannot be filled"):
        fill_gaps(scene, -1)


def test_bad_bands_are_neither_filled_nor_counted():
    good = np.ones(8, bool)
    good[3] = False
    filled = fill_gaps(with_gaps(good=good), 1).values
    assert np.isnan(filled[:, 0, 1]).tolist() == [False] * 3 + [True] + [False] * 4  # one good band is left of the gap
    assert filled[4, 0, 1] == pytest.approx(900)


@pytest.mark.parametrize("bands", [[4], [2, 3], [0, 7], [6, 2, 4]])
def test_what_is_read_depends_on_neither_bands_nor_window(bands):
    scene = with_gaps()
    whole = fill_gaps(scene, 2).values
    np.testing.assert_array_equal(fill_gaps(scene, 2).isel(band=bands).values, whole[bands])
    np.testing.assert_array_equal(fill_gaps(scene, 2).isel(band=bands, x=1).values, whole[bands][:, :, 1])


def test_only_the_neighbourhood_of_a_band_is_read():
    scene = with_gaps()
    fill_gaps(scene, 2).isel(band=4, y=slice(0, 1)).load()
    assert scene.attrs["array"].reads == [([2, 3, 4, 5, 6], slice(0, 1), slice(0, 4))]


def test_without_wavelengths_the_band_number_counts():
    values = np.array([1, 2, np.nan, 4, 5], np.float32)[:, None, None]
    assert fill_gaps(spectral([np.nan] * 5, values), 1).values.ravel().tolist() == [1, 2, 3, 4, 5]


def test_a_value_for_nodata_is_a_gap():
    values = np.array([1, 2, -9999, 4, 5], np.float32)[:, None, None]
    scene = spectral([400, 410, 420, 430, 440], values)
    scene.encoding.clear()
    scene.attrs["_FillValue"] = -9999
    assert fill_gaps(scene, 1).values.ravel().tolist() == [1, 2, 3, 4, 5]
