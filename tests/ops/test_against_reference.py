"""Every fast backend against the reference: outputs, last state and all gradients, on random shapes and on extremes."""

import math

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .helpers import (
    FAST_BACKENDS,
    FORMS,
    LAYOUTS,
    OPTIONAL,
    assert_same,
    device_of,
    differentiate,
    make_arguments,
    with_layout,
)

SHORT_TOLERANCES = {torch.bfloat16: 2e-2, torch.float16: 3e-3}  # shares of the largest value; eps is 8e-3 and 1e-3


@st.composite
def cases(draw, largest):
    """Shapes, forms, layouts and options of a call."""
    groups_B, groups_C = draw(st.sampled_from([(1, 1), (2, 2), (1, 2), (4, 2), (3, 1)]))
    heads = draw(st.integers(1, largest["heads"]))
    return {
        "forms": (draw(st.sampled_from(FORMS)), draw(st.sampled_from(FORMS))),
        "groups": (groups_B, groups_C),
        "dim": math.lcm(groups_B, groups_C) * heads,
        "batch": draw(st.integers(1, largest["batch"])),
        "length": draw(st.integers(1, largest["length"])),
        "state": draw(st.integers(1, largest["state"])),
        "optional": draw(st.sets(st.sampled_from(OPTIONAL))),
        "layouts": draw(st.lists(st.sampled_from(LAYOUTS), min_size=9, max_size=9)),
        "softplus": draw(st.booleans()),
        "last": draw(st.booleans()),
        "seed": draw(st.integers(0, 2**31)),
    }


def build(case):
    """Arguments as the case has them, and gradients to send back."""
    sizes = {name: case[name] for name in ("batch", "dim", "length", "state")}
    options = {"optional": case["optional"], "seed": case["seed"], "dtype": torch.float32} | sizes
    arguments = make_arguments(case["forms"][0], "variable", groups=case["groups"][0], **options)
    other = make_arguments(
        "variable", case["forms"][1], groups=case["groups"][1], **options | {"seed": case["seed"] + 1}
    )
    arguments["C"] = other["C"]
    if not case["softplus"]:  # a negative step size would make the state grow without bound
        arguments["delta"] = arguments["delta"].abs()
        if "delta_bias" in arguments:
            arguments["delta_bias"] = arguments["delta_bias"].abs()
    *layouts, of_gradient = case["layouts"]
    arguments = {n: with_layout(v, layout) for (n, v), layout in zip(arguments.items(), layouts, strict=False)}
    draw = torch.Generator().manual_seed(case["seed"] + 2)
    grad_y = with_layout(torch.randn(arguments["u"].shape, generator=draw), of_gradient)
    grad_last = torch.randn(*arguments["u"].shape[:2], case["state"], generator=draw) if case["last"] else None
    return arguments, grad_y, grad_last


def compare(case, backend):
    arguments, grad_y, grad_last = build(case)
    options = {"grad_y": grad_y, "grad_last_state": grad_last, "softplus": case["softplus"]}
    expected = differentiate(arguments, "reference", dtype=torch.float64, **options)
    assert_same(differentiate(arguments, backend, **options), expected)


@given(case=cases({"heads": 23, "batch": 20, "length": 40, "state": 19}))
@settings(max_examples=120, deadline=None)
def test_cpu_on_random_shapes(case):
    compare(case, "cpu")


@given(case=cases({"heads": 40, "batch": 3, "length": 150, "state": 66}))
@settings(max_examples=25, deadline=None)
def test_cpu_on_long_and_wide_shapes(case):
    compare(case, "cpu")


@pytest.mark.triton
@given(case=cases({"heads": 5, "batch": 3, "length": 9, "state": 9}))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_gpu_on_random_shapes(case):
    compare(case, "gpu")


EXTREMES = {
    "a large step": {"delta": 1e4},
    "a step beyond exp's range": {"delta": 1e30},
    "a tiny step": {"delta": 1e-30},
    "no step": {"delta": 0.0},
    "a negative step before softplus": {"delta": -200.0, "softplus": True},
    "a large step before softplus": {"delta": 200.0, "softplus": True},
    "A near 0": {"A": -1e-9},
    "A equal to 0": {"A": 0.0},
    "A very negative": {"A": -1e6},
    "A as negative as it can be": {"A": -3.4e38},
    "A of all sizes": {"A": -torch.logspace(-8, 8, 5)},
    "A positive": {"A": 0.5, "delta": 0.1},
    "one step": {"length": 1},
    "one sequence": {"batch": 1},
    "one channel": {"dim": 1},
    "17 channels": {"dim": 17},
    "one state": {"state": 1},
    "a large input": {"u": 1e30},
    "a gate wide open and shut": {"z": torch.tensor([1e4, -1e4, 0.0, 100.0, -100.0])},
}


@pytest.mark.parametrize("backend", FAST_BACKENDS)
@pytest.mark.parametrize("name", EXTREMES)
def test_extremes(name, backend):
    extreme = dict(EXTREMES[name])
    softplus = extreme.pop("softplus", False)
    sizes = {key: extreme.pop(key) for key in ("batch", "dim", "length", "state") if key in extreme}
    arguments = make_arguments(dtype=torch.float32, **{"batch": 2, "dim": 6, "length": 5, "state": 5} | sizes)
    del arguments["delta_bias"]
    arguments["delta"] = arguments["delta"].abs()
    for key, value in extreme.items():
        arguments[key] = torch.as_tensor(value).expand(arguments[key].shape).clone()
    grad_y = torch.randn(arguments["u"].shape, generator=torch.Generator().manual_seed(5))
    # The reference in float32: where float32 overflows, both do.
    expected = differentiate(arguments, "reference", grad_y=grad_y, softplus=softplus)
    results = differentiate(arguments, backend, grad_y=grad_y, softplus=softplus)
    for key, truth in expected.items():
        assert not (results[key].isnan() & ~truth.isnan()).any(), key
        finite = truth.isfinite() & results[key].isfinite()
        assert (truth.isfinite() <= results[key].isfinite()).all(), key
        assert_same({key: results[key][finite]}, {key: truth[finite]})


@pytest.mark.parametrize("backend", FAST_BACKENDS)
@pytest.mark.parametrize("state", [1, 2, 3, 4])
@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, "overflow"])
def test_no_nan_and_no_infinity_that_the_reference_does_not_have(value, state, backend):
    grad_y, grad_last = torch.ones(1, 3, 4), torch.ones(1, 3, state)
    for name in ("u", "delta", "A", "B", "C", "D", "z", "delta_bias"):
        arguments = make_arguments(dtype=torch.float32, batch=1, dim=3, length=4, state=state)
        arguments["delta"] = arguments["delta"].abs()
        arguments[name].flatten()[0] = 1.0 if value == "overflow" else value
        if value == "overflow":  # Δ u is infinite, though neither is
            arguments["u"][0, 0, 1], arguments["delta"][0, 0, 1] = 1e30, 1e20
        options = {"grad_y": grad_y, "grad_last_state": grad_last}
        expected = differentiate(arguments, "reference", **options)
        results = differentiate(arguments, backend, **options)
        for key, truth in expected.items():
            assert not (results[key].isnan() & ~truth.isnan()).any(), (name, key)
            both = truth.isfinite()
            assert_same({key: results[key][both]}, {key: truth[both]})


@pytest.mark.parametrize("backend", FAST_BACKENDS)
@pytest.mark.parametrize("name", ["u", "delta", "A", "B", "C", "D", "z", "delta_bias"])
def test_a_missing_value_is_not_lost(name, backend):
    arguments = make_arguments(dtype=torch.float32, dim=6)
    arguments[name].flatten()[0] = float("nan")
    grad_y = torch.ones(arguments["u"].shape)
    expected = differentiate(arguments, "reference", grad_y=grad_y)
    results = differentiate(arguments, backend, grad_y=grad_y)
    assert torch.equal(results["y"].isnan(), expected["y"].isnan())
    assert torch.equal(results["last_state"].isnan(), expected["last_state"].isnan())


@pytest.mark.parametrize("backend", FAST_BACKENDS)
@pytest.mark.parametrize("dtype", SHORT_TOLERANCES)
def test_short_floats(dtype, backend):
    arguments = make_arguments(dim=18, length=20, state=6, batch=3, dtype=dtype)
    for name in ("A", "D", "delta_bias"):  # as Mamba keeps them
        arguments[name] = arguments[name].float()
    grad_y = torch.randn(3, 18, 20, generator=torch.Generator().manual_seed(6))
    expected = differentiate(arguments, "reference", grad_y=grad_y, dtype=torch.float64)
    results = differentiate(arguments, backend, grad_y=grad_y)
    assert results["y"].dtype == dtype
    assert results["last_state"].dtype == torch.float32
    assert all(results[f"grad_{name}"].dtype == value.dtype for name, value in arguments.items())
    for key, truth in expected.items():
        scale = truth.abs().max().item()
        torch.testing.assert_close(results[key].double(), truth, rtol=0, atol=SHORT_TOLERANCES[dtype] * scale)


@pytest.mark.parametrize("backend", FAST_BACKENDS)
def test_only_some_arguments_need_a_gradient(backend):
    device = device_of(backend)
    arguments = {name: value.to(device) for name, value in make_arguments(dtype=torch.float32).items()}
    arguments["B"].requires_grad_()
    from spectralmamba.ops import selective_scan

    y = selective_scan(**arguments, backend=backend)
    (gradient,) = torch.autograd.grad(y.sum(), arguments["B"])
    narrow = {name: value.detach().cpu() for name, value in arguments.items()}
    expected = differentiate(narrow, "reference", grad_y=torch.ones(2, 4, 5), softplus=False)
    assert_same({"grad_B": gradient.cpu()}, {"grad_B": expected["grad_B"]})


@pytest.mark.parametrize("backend", FAST_BACKENDS)
@pytest.mark.parametrize("sizes", [{"length": 0}, {"batch": 0}])
def test_nothing_to_scan(sizes, backend):
    arguments = make_arguments(dtype=torch.float32, **sizes)
    grad_y = torch.zeros(arguments["u"].shape)
    expected = differentiate(arguments, "reference", grad_y=grad_y)
    results = differentiate(arguments, backend, grad_y=grad_y)
    for key, truth in expected.items():
        assert torch.equal(results[key], truth), key


@pytest.mark.parametrize("backend", FAST_BACKENDS)
def test_the_gradient_of_the_last_state_alone(backend):
    from spectralmamba.ops import selective_scan

    arguments = make_arguments(dtype=torch.float32)
    device = device_of(backend)
    moved = {name: value.to(device).requires_grad_() for name, value in arguments.items()}
    _, last = selective_scan(**moved, return_last_state=True, backend=backend)
    (gradient,) = torch.autograd.grad(last.sum(), moved["u"])
    original = {name: value.requires_grad_() for name, value in arguments.items()}
    _, last = selective_scan(**original, return_last_state=True, backend="reference")
    (expected,) = torch.autograd.grad(last.sum(), original["u"])
    assert_same({"u": gradient.cpu()}, {"u": expected})
