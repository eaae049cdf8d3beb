"""The whole model: budgets, ablations, internals and what it refuses."""

import pytest
import torch

from spectralmamba.models import SpectralMamba, SpectralMambaConfig, count_costs, create_model

from .helpers import random_input, random_model

SMALL = {"n_bands": 10, "n_classes": 4, "piece_size": 3, "dim": 6, "state_size": 3}


def config_with(**options):
    return SpectralMambaConfig(**SMALL | options)


@pytest.mark.parametrize("n_valid", [1, 3])
@pytest.mark.parametrize("size", [1, 3, 5, 9])
def test_gssm_off_is_the_pixelwise_model_of_the_centre(size, n_valid):
    off = random_model(**SMALL, gssm=False)
    pixelwise = create_model("spectralmamba", **SMALL, patch_size=1).eval()
    pixelwise.load_state_dict(off.state_dict())
    patches = torch.randn(n_valid, 10, size, size)
    centre = patches[:, :, size // 2, size // 2]
    patches[:, :, 0, 0] = torch.nan if size > 1 else patches[:, :, 0, 0]  # a neighbour has no say
    with torch.no_grad():
        assert torch.equal(off(patches), pixelwise(centre))
        assert torch.equal(off(centre), pixelwise(centre))
    assert off.radius == 0
    assert not any(name.startswith("gssm") for name, _ in off.named_parameters())


def test_gssm_on_does_see_the_neighbours():
    model = random_model(**SMALL)
    x = random_input(model, 2)
    changed = x.clone()
    changed[:, :, 1, 2] += 1
    with torch.no_grad():
        assert (model(x) - model(changed)).abs().amax(dim=1).min() > 1e-3


def test_pss_off_makes_a_token_of_every_band():
    model = random_model(**SMALL | {"piece_size": 1}, patch_size=1)
    assert model.config.length == 10
    _, internals = model(random_input(model, 2), return_internals=True)
    assert internals.response[0].shape == (2, 6, 10)


def test_s6_off_leaves_no_trace_of_the_state():
    small, large = (random_model(**SMALL | {"state_size": n}, s6=False, patch_size=1, seed=3) for n in (2, 9))
    x = random_input(small, 5)
    with torch.no_grad():
        assert torch.equal(small(x), large(x))
    names = {name.rpartition("scan.")[2] for name in small.state_dict() if ".scan." in name}
    assert names == {"D"}
    with_state = create_model("spectralmamba", **SMALL, patch_size=1)
    assert {n for n in with_state.state_dict() if ".scan." not in n} == {
        n for n in small.state_dict() if ".scan." not in n
    }


@pytest.mark.parametrize("border", ["halo", "zero"])
@pytest.mark.parametrize("patch_size", [3, 5])
@pytest.mark.parametrize(("depth", "expansion"), [(1, 1), (2, 2)])
def test_internals_have_the_promised_shapes(patch_size, border, depth, expansion):
    model = random_model(**SMALL, patch_size=patch_size, border=border, depth=depth, expansion=expansion)
    x = random_input(model, 3, missing=0.2)
    with torch.no_grad():
        logits, internals = model(x, return_internals=True)
        assert torch.allclose(logits, model(x), rtol=0, atol=1e-5 * max(1.0, float(logits.abs().max())))
    assert internals.mask.shape == (3, 10, patch_size, patch_size)
    assert ((internals.mask > 0) & (internals.mask < 1)).all()
    assert [tuple(d.shape) for d in internals.delta] == [(3, 6 * expansion, 4)] * depth
    assert [tuple(r.shape) for r in internals.response] == [(3, 6 * expansion, 4)] * depth
    assert all((d > 0).all() for d in internals.delta)


@pytest.mark.parametrize("options", [{"patch_size": 1}, {"gssm": False}])
def test_without_gssm_there_is_no_mask(options):
    model = random_model(**SMALL, **options)
    _, internals = model(random_input(model, 2), return_internals=True)
    assert internals.mask is None


def test_a_pixel_missing_in_one_band_counts_as_missing():
    model = random_model(**SMALL)
    x = random_input(model, 2)
    one, every = x.clone(), x.clone()
    one[:, 4, 1, 1] = torch.nan
    every[:, :, 1, 1] = torch.nan
    with torch.no_grad():
        assert torch.equal(model(one), model(every))
        assert torch.isfinite(model(one)).all()


def test_gradients_stay_finite_where_neighbours_are_missing():
    model = random_model(**SMALL)
    model(random_input(model, 4, missing=0.5)).sum().backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in model.parameters())


@pytest.mark.parametrize(
    ("options", "shape", "expected"),
    [
        ({"patch_size": 1}, (2, 9), "(n, 10)"),
        ({"patch_size": 1}, (2, 10, 2, 2), "(n, 10)"),
        ({"patch_size": 1}, (2, 10, 3, 5), "(n, 10)"),
        ({"patch_size": 1}, (2, 10, 3), "(n, 10)"),
        ({"patch_size": 1}, (10,), "(n, 10)"),
        ({}, (2, 10), "(n, 10, 5, 5)"),
        ({}, (2, 10, 3, 3), "(n, 10, 5, 5)"),
        ({}, (2, 11, 5, 5), "(n, 10, 5, 5)"),
        ({"border": "zero"}, (2, 10, 5, 5), "(n, 10, 3, 3)"),
    ],
)
def test_input_of_another_shape_is_refused_with_both_shapes(options, shape, expected):
    model = SpectralMamba(config_with(**options))
    with pytest.raises(ValueError, match="this model expects") as refusal:
        model(torch.zeros(shape))
    assert str(shape) in str(refusal.value)
    assert str(refusal.value).endswith(expected)


def test_an_empty_batch_gives_no_logits():
    model = random_model(**SMALL)
    with torch.no_grad():
        assert model(torch.zeros(0, 10, 5, 5)).shape == (0, 4)


def test_wavelength_position_needs_nothing_but_the_config_to_be_made_again():
    options = SMALL | {"position": "wavelength", "wavelengths": tuple(range(400, 1400, 100)), "patch_size": 1}
    model = random_model(**options)
    again = create_model("spectralmamba", **options).eval()
    again.load_state_dict(model.state_dict())
    x = random_input(model, 3)
    with torch.no_grad():
        assert torch.equal(model(x), again(x))


BOTSWANA = {"n_bands": 145, "n_classes": 14}
LEAN = BOTSWANA | {
    "dim": 32,
    "depth": 2,
    "expansion": 1,
    "state_size": 16,
    "piece_size": 6,
    "pooling": "mean",
    "position": "none",
}


@pytest.mark.parametrize(
    ("patch_size", "parameters", "macs"), [(1, 12_330, 365_469), (3, 34_960, 566_406)], ids=["pixelwise", "patchwise"]
)
@pytest.mark.parametrize("border", ["halo", "zero"])
def test_defaults_stay_within_the_papers_budget(patch_size, border, parameters, macs):
    costs = count_costs(create_model("spectralmamba", **BOTSWANA, patch_size=patch_size, border=border))
    assert costs.parameters <= parameters
    assert costs.macs <= macs


def test_gssm_alone_costs_what_the_papers_totals_imply():
    whole, pixelwise = (
        count_costs(create_model("spectralmamba", **BOTSWANA, patch_size=p, border="zero")) for p in (3, 1)
    )
    assert whole.parameters - pixelwise.parameters == 22_620
    assert whole.macs - pixelwise.macs == 200_970
    assert 64 * (whole.macs - pixelwise.macs) == 12_862_080


@pytest.mark.parametrize(("patch_size", "parameters"), [(1, 10_798), (3, 33_418)])
def test_the_lean_form_has_the_parameters_that_were_worked_out(patch_size, parameters):
    assert count_costs(create_model("spectralmamba", **LEAN, patch_size=patch_size)).parameters == parameters
