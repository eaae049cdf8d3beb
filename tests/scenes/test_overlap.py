import numpy as np
import pytest

from spectralmamba.scenes.overlap import seen_once

WAVELENGTH = np.array([400.0, 1600.0, 900.0, 910.0, 980.0, 990.0])
VNIR = np.array([1, 0, 1, 0, 1, 0], bool)


@pytest.mark.parametrize(
    ("rule", "used"),
    [
        ("middle", [400, 1600, 900, 990]),
        ("vnir", [400, 1600, 900, 980, 990]),
        ("swir", [400, 1600, 900, 910, 990]),
        ("both", WAVELENGTH.tolist()),
    ],
)
def test_rules(rule, used):
    assert WAVELENGTH[seen_once(WAVELENGTH, VNIR, ~VNIR, rule)].tolist() == used


def test_without_an_overlap_or_a_second_detector_all_bands_are_used():
    assert seen_once(np.array([400.0, 900.0, 1000.0]), np.array([1, 1, 0], bool), np.array([0, 0, 1], bool)).all()
    assert seen_once(WAVELENGTH, np.ones(6, bool), np.zeros(6, bool)).all()
    assert seen_once(WAVELENGTH, np.zeros(6, bool), np.ones(6, bool)).all()


def test_bands_of_neither_are_not_used_and_do_not_count():
    neither = np.array([0, 0, 0, 1, 0, 0], bool)
    used = seen_once(WAVELENGTH, VNIR, ~VNIR & ~neither)
    assert used.tolist() == [True, True, True, False, True, True]
