import numpy as np
import pytest

from spectralmamba.errors import ConfigError, SceneError
from spectralmamba.scenes import exclude, exclusion_counts
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


def test_bands_that_are_not_good_do_not_count_for_the_overlap():
    vnir = spectral([*VNIR, 1100], good=[True, True, True, False])
    merged = merge_detectors(vnir, spectral(SWIR))
    assert merged.wavelength.values[merged.good.values].tolist() == [800, 900, 980, 1080]
    nothing = merge_detectors(spectral(VNIR, good=[False] * 3), spectral(SWIR))
    assert nothing.wavelength.values[nothing.good.values].tolist() == SWIR


def test_what_either_leaves_out_is_left_out():
    one, other = (np.zeros((4, 5), bool) for _ in range(2))
    one[0, 1] = other[2, 3] = True
    cloudy = exclude(spectral(SWIR), {"cloud": other})
    for vnir, swir in ((spectral(VNIR), cloudy), (exclude(spectral(VNIR), {"cloud": other}), spectral(SWIR))):
        merged = merge_detectors(vnir, swir)
        np.testing.assert_array_equal(merged.excluded, other)
        assert exclusion_counts(merged) == {"cloud": 1}
    both = merge_detectors(exclude(spectral(VNIR), {"shadow": one}), cloudy)
    np.testing.assert_array_equal(both.excluded, one | other)


def test_a_rule_that_there_is_not():
    with pytest.raises(ConfigError, match="no rule 'best' for the overlap; choose one of: middle, vnir"):
        merge_detectors(spectral(VNIR), spectral(SWIR), "best")
