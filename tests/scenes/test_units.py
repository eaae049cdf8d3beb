import numpy as np
import pytest

from spectralmamba.errors import SceneError
from spectralmamba.scenes.units import nm_per_unit, stated_nm_per_unit


@pytest.mark.parametrize(
    ("unit", "number"),
    [
        ("nm", 650),
        ("Nanometers", 650),
        ("nanometre", 650),
        ("\u00b5m", 0.65),
        ("\u03bcm", 0.65),
        ("Microns", 0.65),
        ("Micrometers", 0.65),
        ("mm", 0.00065),
        ("Centimeters", 0.000065),
        ("m", 650e-9),
        ("Angstroms", 6500),
        (" UM ", 0.65),
        (None, 650),
        (None, 0.65),
        ("Unknown", 0.65),
        ("", 650),
    ],
)
def test_wavelengths_of_any_unit_come_in_nanometres(unit, number):
    assert number * nm_per_unit(unit, np.array([number, np.nan]), "a.hdr", "set it") == pytest.approx(650)


@pytest.mark.parametrize("unit", ["Wavenumber", "GHz", "furlong"])
def test_what_is_no_unit_of_length_is_refused(unit):
    with pytest.raises(SceneError, match=f"a.hdr gives wavelengths in '{unit.lower()}', .* set it, with the numbers"):
        nm_per_unit(unit, np.array([15000.0]), "a.hdr", "set it")
    assert nm_per_unit(unit, np.array([np.nan]), "a.hdr", "set it") == 1.0


@pytest.mark.parametrize(("unit", "number"), [("nm", 0.65), ("Micrometers", 650)])
def test_a_unit_that_cannot_be_right_is_mentioned(unit, number, caplog):
    nm_per_unit(unit, np.array([number]), "a.hdr", "set it")
    assert "where no imaging spectrometer looks; if the unit is wrong, set it" in caplog.text


def test_a_unit_may_be_unstated():
    assert stated_nm_per_unit("Unknown", "a.hdr", "set it") is None
    assert stated_nm_per_unit("um", "a.hdr", "set it") == 1000
