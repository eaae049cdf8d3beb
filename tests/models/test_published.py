"""Published sizes: the figures, where they hold, and that ours are near them."""

import pytest

from spectralmamba.models import count_costs, create_model, model_names
from spectralmamba.models.published import difference_percent, published_costs

BOTSWANA = (145, 14)


@pytest.mark.parametrize(
    ("model", "patch_size", "thousand_parameters", "million_macs"),
    [
        ("spectralmamba", 3, 34.96, 36.25),
        ("spectralmamba", 1, 12.33, 23.39),
        ("casrnn", 3, 353.25, 572.31),
        ("spectralformer", 3, 74.03, 685.89),
        ("spectralformer", 7, 74.03, 685.89),
    ],
)
def test_figures_are_those_in_print(model, patch_size, thousand_parameters, million_macs):
    published = published_costs(model, *BOTSWANA, patch_size)
    assert published.parameters == pytest.approx(1e3 * thousand_parameters)
    assert 64 * published.macs == pytest.approx(1e6 * million_macs)
    assert "2404.08489" in published.source


@pytest.mark.parametrize("case", [("mlp", 145, 14, 3), ("casrnn", 145, 14, 1), ("spectralformer", 145, 14, 1),
                                  ("spectralmamba", 144, 14, 3), ("spectralmamba", 145, 15, 1)])  # fmt: skip
def test_nothing_is_published_of_other_forms_bands_and_classes(case):
    assert published_costs(*case) is None


@pytest.mark.parametrize(
    ("model", "patch_size", "parameters", "macs"),
    [
        ("spectralmamba", 1, -17.97, -83.58),
        ("spectralmamba", 3, -6.37, -53.93),
        ("casrnn", 3, 0.05, 0.30),
        ("spectralformer", 3, 12.71, -2.79),
    ],
)
def test_ours_differ_by_what_is_documented(model, patch_size, parameters, macs):
    published = published_costs(model, *BOTSWANA, patch_size)
    costs = count_costs(create_model(model, n_bands=145, n_classes=14, patch_size=patch_size))
    assert difference_percent(costs.parameters, published.parameters) == pytest.approx(parameters, abs=0.01)
    assert difference_percent(costs.macs, published.macs) == pytest.approx(macs, abs=0.01)


def test_every_name_is_registered():
    known = [name for name in model_names() if published_costs(name, *BOTSWANA, 3)]
    assert known == ["casrnn", "spectralformer", "spectralmamba"]


@pytest.mark.parametrize(("ours", "theirs", "percent"), [(150, 100, 50), (50, 100, -50), (7, 7, 0)])
def test_difference_is_in_per_cent_of_the_published(ours, theirs, percent):
    assert difference_percent(ours, theirs) == percent


@pytest.mark.parametrize(("patch_size", "parameters"), [(7, 237_000), (3, None), (1, None)])
def test_the_released_spectralformer_has_a_size_of_its_own(patch_size, parameters):
    published = published_costs("spectralformer", *BOTSWANA, patch_size, {"configuration": "released"})
    assert (published and published.parameters) == parameters
    if published:
        made = create_model(
            "spectralformer", n_bands=145, n_classes=14, patch_size=patch_size, configuration="released"
        )
        assert difference_percent(count_costs(made).parameters, published.parameters) == pytest.approx(0.106, abs=0.01)
        assert published.macs is None


def test_only_of_the_spectralformer_there_is_a_released_configuration():
    assert published_costs("mlp", *BOTSWANA, 7, {"configuration": "released"}) is None
