import numpy as np
import pytest

from spectralmamba.errors import SceneError
from spectralmamba.scenes.detectors import merge_detectors

from .products import moved
from .spectral import is_lazy, spectral

VNIR, SWIR = [800, 900, 1000], [880, 980, 1080]


@pytest.mark.parametrize(
    ("overlap", "used"),
    [
        ("middle", [800, 900, 980, 1080]),
        ("vnir", [800, 900, 1000, 1080]),
        ("swir", [800, 880, 980, 1080]),
        ("both", [800, 880, 900, 980, 1000, 1080]),
    ],
)
def test_one_detector_is_used_where_two_look(overlap, used):
    merged = merge_detectors(spectral(VNIR), spectral(SWIR), overlap)
    assert is_lazy(merged)
    assert merged.wavelength.values.tolist() == [800, 880, 900, 980, 1000, 1080]
    assert merged.band.values.tolist() == [1, 4, 2, 5, 3, 6]
    assert merged.wavelength.values[merged.good.values].tolist() == used
    np.testing.assert_array_equal(merged.values[:, 0, 0], merged.wavelength.values)
    assert merged.rio.transform().a == 30


def test_detectors_that_do_not_overlap_are_used_whole():
    assert merge_detectors(spectral([400, 500]), spectral([600, 700])).good.all()


def test_bad_bands_stay_bad():
    merged = merge_detectors(spectral([400, 500], good=[False, True]), spectral([600, 700]))
    assert merged.good.values.tolist() == [False, True, True, True]


@pytest.mark.parametrize(
    ("vnir", "swir", "message"),
    [
        (spectral(SWIR), spectral(VNIR), "exchange the two"),
        (spectral(VNIR), spectral(SWIR, shape=(4, 6)), "on one grid"),
        (spectral(VNIR), spectral(SWIR, crs="EPSG:32634"), "differ in CRS"),
        (spectral(VNIR), spectral(SWIR, transform=moved(1, 0)), "begin at different pixels"),
        (spectral(VNIR), spectral([np.nan] * 3), "unknown wavelength"),
    ],
)
def test_what_cannot_be_merged(vnir, swir, message):
    with pytest.raises(SceneError, match=message):
        merge_detectors(vnir, swir)
