"""Every registered model, whatever it is, does what the rest of the package asks of a model."""

import dataclasses

import pytest
import torch

from spectralmamba.errors import ConfigError
from spectralmamba.models import Costs, count_costs, create_model, model_names, register_model, registry
from spectralmamba.models.classifier import Classifier
from spectralmamba.models.registry import model_config, model_options

from .helpers import create_or_skip, fitted_to_noise, random_input, skip_without_gradient, takes_internals

every_model = pytest.mark.parametrize("name", model_names())
both_forms = pytest.mark.parametrize("patch_size", [1, 3])
OPTIONS = {"n_bands": 17, "n_classes": 4}


def test_spectralmamba_is_registered():
    assert "spectralmamba" in model_names()
    assert model_names() == sorted(model_names())


@every_model
@both_forms
@pytest.mark.parametrize("n", [1, 6])
def test_forward_gives_finite_logits_of_the_right_shape(name, patch_size, n):
    model = fitted_to_noise(create_or_skip(name, **OPTIONS, patch_size=patch_size)).eval()
    x = random_input(model, n, missing=0.2)
    before = x.clone()
    with torch.no_grad():
        logits = model(x)
    assert logits.shape == (n, 4)
    assert logits.dtype == torch.float32
    assert torch.isfinite(logits).all()
    assert torch.equal(torch.nan_to_num(x), torch.nan_to_num(before))
    assert n == 1 or logits.std(dim=0).min() > 0


@every_model
@both_forms
def test_backward_reaches_every_parameter(name, patch_size):
    model = create_or_skip(name, **OPTIONS, patch_size=patch_size).train()
    skip_without_gradient(model)
    x = random_input(model, 12, missing=0.2)
    torch.nn.functional.cross_entropy(model(x), torch.arange(12) % 4).backward()
    for parameter_name, parameter in model.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert torch.isfinite(parameter.grad).all(), parameter_name
        assert parameter.grad.abs().max() > 0, parameter_name


@every_model
@both_forms
def test_a_few_steps_of_training_lower_the_loss(name, patch_size):
    torch.manual_seed(0)
    model = create_or_skip(name, **OPTIONS, patch_size=patch_size).train()
    skip_without_gradient(model)
    x, y = random_input(model, 16), torch.arange(16) % 4
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(25):
        loss = torch.nn.functional.cross_entropy(model(x), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


@every_model
@both_forms
def test_state_dict_and_options_make_the_same_model_again(name, patch_size):
    model = create_or_skip(name, **OPTIONS, patch_size=patch_size).eval()
    skip_without_gradient(model)
    again = create_model(name, **model_options(model)).eval()
    x = random_input(model, 5)
    with torch.no_grad():
        assert not torch.equal(again(x), model(x))
        again.load_state_dict(model.state_dict())
        assert torch.equal(again(x), model(x))
    assert again.config == model.config


@every_model
@both_forms
def test_radius_and_sizes_are_those_of_the_config(name, patch_size):
    model = create_or_skip(name, **OPTIONS, patch_size=patch_size)
    config = model_config(name, **OPTIONS, patch_size=patch_size)
    assert isinstance(model, Classifier)
    assert model.radius == config.radius
    assert model.radius in ({0} if patch_size == 1 else {1, 2})
    assert (config.n_bands, config.n_classes, config.patch_size) == (17, 4, patch_size)
    assert model.n_classes == 4
    assert dataclasses.is_dataclass(config)


@every_model
@both_forms
def test_costs_are_positive_and_the_parameters_are_those_that_train(name, patch_size):
    model = create_or_skip(name, **OPTIONS, patch_size=patch_size)
    skip_without_gradient(model)
    costs = count_costs(model)
    assert costs.parameters == sum(p.numel() for p in model.parameters()) > 0
    assert 0 < costs.macs <= costs.macs_with_scan
    assert 0 < costs.macs_dense <= costs.macs
    next(model.parameters()).requires_grad_(False)
    assert count_costs(model).parameters < costs.parameters


@every_model
@both_forms
def test_a_model_without_gradient_has_a_size_once_it_is_fitted(name, patch_size):
    model = create_or_skip(name, **OPTIONS, patch_size=patch_size)
    if model.trained_by_gradient:
        pytest.skip("its size is known from its options")
    assert count_costs(model) == Costs(0, 0, 0, 0)
    assert list(model.parameters()) == []
    costs = count_costs(fitted_to_noise(model))
    assert costs.parameters > 0
    assert costs.macs == costs.macs_with_scan == costs.macs_dense >= 0


@every_model
@both_forms
def test_internals_leave_the_logits_as_they_are(name, patch_size):
    model = create_or_skip(name, **OPTIONS, patch_size=patch_size).eval()
    if not takes_internals(model):
        pytest.skip(f"{name} has no internals")
    x = random_input(model, 3)
    with torch.no_grad():
        logits, internals = model(x, return_internals=True)
        assert torch.allclose(logits, model(x), rtol=0, atol=1e-5 * max(1.0, float(logits.abs().max())))
    assert internals.mask is None or internals.mask.shape == (3, 17, patch_size, patch_size)
    assert len(internals.delta) == len(internals.response) > 0
    for delta, response in zip(internals.delta, internals.response, strict=True):
        assert delta.shape == response.shape
        assert delta.shape[0] == 3
        assert torch.isfinite(response).all()


@every_model
@both_forms
def test_bands_and_samples_of_another_size_are_refused(name, patch_size):
    model = create_or_skip(name, **OPTIONS, patch_size=patch_size)
    x = random_input(model, 2)
    with pytest.raises(ValueError, match=r"\(2, 16"):
        model(x[:, :16])


@every_model
@pytest.mark.parametrize("patch_size", [0, 2, 4, 99])
def test_every_model_refuses_an_impossible_patch(name, patch_size):
    with pytest.raises(ConfigError, match=f"patch size {patch_size}"):
        create_model(name, **OPTIONS, patch_size=patch_size)


@every_model
def test_an_unknown_option_is_an_error_that_lists_what_there_is(name):
    with pytest.raises(ConfigError, match=r"'patchsize'.*n_bands.*n_classes.*patch_size") as refusal:
        create_model(name, **OPTIONS, patchsize=3)
    assert name in str(refusal.value)


def test_an_unknown_model_is_an_error_that_lists_what_there_is():
    with pytest.raises(ConfigError, match="'spectralmambo'") as refusal:
        create_model("spectralmambo", **OPTIONS)
    for name in model_names():
        assert name in str(refusal.value)


def test_a_name_is_given_once(monkeypatch):
    monkeypatch.setattr(registry, "_MODELS", dict(registry._MODELS))

    @dataclasses.dataclass(frozen=True)
    class Config:
        n_bands: int
        n_classes: int

    @register_model("newcomer", Config)
    class Newcomer(Classifier):
        pass

    assert "newcomer" in model_names()
    made = create_model("newcomer", **OPTIONS)
    assert isinstance(made, Newcomer)
    assert made.config == Config(17, 4)
    with pytest.raises(ValueError, match="'newcomer' is registered already"):
        register_model("newcomer", Config)(Newcomer)
