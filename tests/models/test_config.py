"""Every impossible value is refused where it is given, by an error that names it."""

import dataclasses

import numpy as np
import pytest

from spectralmamba.errors import ConfigError
from spectralmamba.models import SpectralMambaConfig

GOOD = {"n_bands": 8, "n_classes": 3}


def make_config(**options):
    return SpectralMambaConfig(**GOOD | options)


IMPOSSIBLE = [
    ("n_bands", 0, "n_bands is 0"),
    ("n_bands", -3, "n_bands is -3"),
    ("n_classes", 1, "at least 2 classes, not 1"),
    ("n_classes", 0, "at least 2 classes, not 0"),
    ("patch_size", 0, "patch size 0"),
    ("patch_size", 2, "patch size 2"),
    ("patch_size", -1, "patch size -1"),
    ("patch_size", 17, "patch size 17"),
    ("border", "mirror", "border is 'mirror'.*halo, zero"),
    ("layout", "diagonal", "layout is 'diagonal'.*adjacent, parallel"),
    ("piece_size", 0, "piece_size is 0"),
    ("dim", 0, "dim is 0"),
    ("depth", 0, "depth is 0"),
    ("state_size", 0, "state_size is 0"),
    ("expansion", 0, "expansion is 0"),
    ("conv_size", 0, "conv_size is 0"),
    ("position", "guessed", "position is 'guessed'.*none, learned, wavelength"),
    ("pooling", "max", "pooling is 'max'.*flatten, mean"),
    ("whitening", "some", "whitening is 'some'.*auto, partial, full, none"),
    ("centre", -0.1, "centre -0.1"),
    ("centre", 1.5, "centre 1.5"),
    ("centre", float("nan"), "centre nan"),
    ("position", "wavelength", "needs the bands' wavelengths"),
    ("wavelengths", (400.0,) * 7, "7 wavelengths given for 8 bands"),
    ("wavelengths", (), "0 wavelengths given for 8 bands"),
    ("wavelengths", (400.0,) * 7 + (float("nan"),), "wavelength is missing"),
    ("wavelengths", (400.0,) * 7 + (0.0,), "wavelength is .*not positive"),
    ("wavelengths", (400.0,) * 7 + (float("inf"),), "wavelength is missing"),
    ("wavelengths", 550.0, "wavelengths"),
    ("wavelengths", ("blue",) * 8, "wavelengths"),
]


@pytest.mark.parametrize(("name", "value", "message"), IMPOSSIBLE)
def test_an_impossible_value_is_refused_by_name(name, value, message):
    with pytest.raises(ConfigError, match=message) as refusal:
        make_config(**{name: value})
    assert "\n" not in str(refusal.value)


WHOLE = ["n_bands", "n_classes", "patch_size", "piece_size", "dim", "depth", "state_size", "expansion", "conv_size"]
CHOICES = ["border", "layout", "position", "pooling", "whitening", "logarithm"]
SWITCHES = ["gssm", "s6"]


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", [2.5, 3.0, "3", None, True])
def test_a_number_that_is_not_whole_is_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=rf"^{name} is .*whole number"):
        make_config(**{name: value})


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("value", [1, 0, "yes", None])
def test_a_switch_that_is_not_a_bool_is_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=rf"^{name} is .*true or false"):
        make_config(**{name: value})


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("value", [None, 1, ["halo"], ""])
def test_a_choice_that_is_not_offered_is_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=rf"^{name} is .*use one of"):
        make_config(**{name: value})


def test_every_field_is_covered_by_the_tests_above():
    covered = {name for name, _, _ in IMPOSSIBLE} | set(WHOLE) | set(CHOICES) | set(SWITCHES)
    assert covered == {field.name for field in dataclasses.fields(SpectralMambaConfig)}


@pytest.mark.parametrize(
    ("patch_size", "border", "gssm", "radius"),
    [
        (1, "halo", True, 0),
        (1, "zero", True, 0),
        (3, "halo", True, 2),
        (3, "zero", True, 1),
        (7, "halo", True, 4),
        (7, "zero", True, 3),
        (15, "halo", True, 8),
        (7, "halo", False, 0),
    ],
)
def test_radius_is_how_far_the_model_looks(patch_size, border, gssm, radius):
    config = make_config(patch_size=patch_size, border=border, gssm=gssm)
    assert config.radius == radius
    assert config.uses_neighbours is (radius > 0)


@pytest.mark.parametrize(
    ("n_bands", "piece_size", "length"), [(144, 6, 24), (145, 6, 25), (1, 1, 1), (7, 7, 1), (8, 7, 2), (5, 1, 5)]
)
@pytest.mark.parametrize("layout", ["adjacent", "parallel"])
def test_length_is_bands_over_pieces_rounded_up(n_bands, piece_size, length, layout):
    assert make_config(n_bands=n_bands, piece_size=piece_size, layout=layout).length == length


@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_wavelengths_are_kept_as_a_tuple_of_floats(kind):
    config = make_config(n_bands=2, piece_size=1, wavelengths=kind([450, 700]))
    assert config.wavelengths == (450.0, 700.0)
    assert all(type(w) is float for w in config.wavelengths)


def test_a_config_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_config().dim = 3


@pytest.mark.parametrize("name", WHOLE)
def test_numpys_whole_numbers_become_pythons(name):
    value = getattr(make_config(), name)
    config = make_config(**{name: np.int64(value)})
    assert type(getattr(config, name)) is int
    assert config == make_config()
