"""Spectra look like the materials they are named after."""

import numpy as np
import pytest

from spectralmamba.scenes.simulation.catalogue import MATERIALS
from spectralmamba.scenes.simulation.materials import SIGNED, absorbance

WAVELENGTH = np.arange(400.0, 2451.0, 10.0)


@pytest.fixture(scope="module")
def spectra(demo):
    """Mean spectrum of every class, from pixels that are labelled rightly."""
    scene, labels, truth = demo
    right = labels.values == truth.values
    return {
        name: (scene.values[:, right & (labels.values == number)].mean(axis=1), scene.wavelength.values)
        for number, name in zip(
            labels.attrs["classes"].numbers, labels.attrs["classes"].names, strict=True
        )
    }  # fmt: skip


def at(spectrum, nm):
    values, wavelength = spectrum
    alive = values > 0
    return float(np.interp(nm, wavelength[alive], values[alive]))


def pure(matter):
    """Reflectance of one substance at its mean traits."""
    mean = np.array([trait[0] for trait in matter.traits.values()])
    return matter.reflectance * np.exp(-absorbance(tuple(matter.traits), WAVELENGTH, np.full(206, 10.0)) @ mean)


def shade(material, nm):
    return float(np.interp(nm, WAVELENGTH, pure(material.surface)))


@pytest.mark.parametrize("name", ["crop", "broadleaf forest", "meadow"])
def test_vegetation_has_a_red_edge_a_green_peak_and_water_bands(spectra, name):
    spectrum = spectra[name]
    assert at(spectrum, 860) > 3 * at(spectrum, 670)
    assert at(spectrum, 555) > at(spectrum, 670)
    assert at(spectrum, 1450) < 0.7 * at(spectrum, 1650)
    assert at(spectrum, 1940) < 0.7 * at(spectrum, 2200)


def test_water_is_dark_beyond_the_visible(spectra):
    assert at(spectra["water"], 1650) < 0.04
    assert at(spectra["water"], 2200) < 0.04
    assert at(spectra["water"], 550) > 1.5 * at(spectra["water"], 1000)


def test_bare_soil_rises_and_shows_clay(spectra):
    soil = spectra["bare soil"]
    assert at(soil, 450) < at(soil, 650) < at(soil, 1000) < at(soil, 1650)
    assert at(soil, 2205) < at(soil, 2120)


def test_clay_roofs_are_red_and_asphalt_is_grey(spectra):
    assert at(spectra["clay roof"], 670) > 2 * at(spectra["clay roof"], 480)
    assert at(spectra["asphalt"], 670) < 1.4 * at(spectra["asphalt"], 480)
    assert at(spectra["asphalt"], 1650) < 0.25


def test_materials_have_names_and_colours_of_their_own():
    assert len(MATERIALS) >= 12
    assert len({material.name for material in MATERIALS}) == len(MATERIALS)
    assert len({material.colour for material in MATERIALS}) == len(MATERIALS)


@pytest.mark.parametrize("material", MATERIALS, ids=lambda material: material.name)
def test_a_pure_spectrum_is_a_reflectance(material):
    spectrum = pure(material.surface)
    assert spectrum.min() > 0
    assert spectrum.max() < 0.7
    assert sum(material.variation) == pytest.approx(1)


def test_later_materials_have_their_marks():
    by_name = {material.name: material for material in MATERIALS}
    assert shade(by_name["stubble"], 2100) < shade(by_name["stubble"], 2220)
    assert shade(by_name["sand"], 1650) > shade(by_name["bare soil"], 1650)
    assert shade(by_name["conifer forest"], 860) < shade(by_name["broadleaf forest"], 860)
    assert shade(by_name["reed"], 860) > 3 * shade(by_name["reed"], 670)


def test_the_red_edge_moves_with_chlorophyll():
    red_edge = []
    unit = absorbance(("chlorophyll",), WAVELENGTH, np.full(206, 10.0))[:, 0]
    for content in (1.0, 4.0):
        slope = np.gradient(np.exp(-content * unit), WAVELENGTH)
        inside = (WAVELENGTH > 680) & (WAVELENGTH < 780)
        red_edge.append(WAVELENGTH[inside][slope[inside].argmax()])
    assert 690 <= red_edge[0] < red_edge[1] <= 740


def test_wide_bands_see_shallow_absorption():
    centre = np.array([2205.0])
    narrow, wide = (absorbance(("clay",), centre, np.array([fwhm]))[0, 0] for fwhm in (10.0, 200.0))
    assert wide < 0.6 * narrow


def test_absorbers_absorb_and_signed_traits_brighten():
    for material in MATERIALS:
        for name in material.surface.traits:
            unit = absorbance((name,), WAVELENGTH, np.full(206, 10.0))
            if name not in SIGNED:
                assert unit.min() >= 0
    assert (absorbance(("albedo",), WAVELENGTH, np.full(206, 10.0)) < 0).all()
