"""The causal convolution against a sum over its taps, on every layout, and its gradients against PyTorch's."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from spectralmamba.errors import BackendError
from spectralmamba.ops import causal_conv1d

from .helpers import LAYOUTS, with_layout


def by_taps(u, weight, bias, silu):
    """Σ_k w_k u_(t-K+1+k), tap by tap."""
    y = torch.zeros_like(u) if bias is None else bias[:, None].expand_as(u).clone()
    taps, length = weight.shape[1], u.shape[2]
    for k in range(taps):
        back = taps - 1 - k
        y = y + weight[:, k, None] * functional.pad(u, (back, 0))[..., :length]
    return y * torch.sigmoid(y) if silu else y


def make(batch, dim, length, taps, bias, seed):
    draw = torch.Generator().manual_seed(seed)
    u, weight = (torch.randn(*shape, generator=draw) for shape in ((batch, dim, length), (dim, taps)))
    return u, weight, torch.randn(dim, generator=draw) if bias else None


@given(
    batch=st.integers(1, 20),
    dim=st.integers(1, 40),
    length=st.integers(1, 40),
    taps=st.integers(1, 6),
    bias=st.booleans(),
    silu=st.booleans(),
    layouts=st.tuples(*[st.sampled_from(LAYOUTS)] * 3),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=100, deadline=None)
@pytest.mark.parametrize("backend", ["reference", "cpu"])
def test_result_and_gradients(backend, batch, dim, length, taps, bias, silu, layouts, seed):
    u, weight, b = make(batch, dim, length, taps, bias, seed)
    grad_y = with_layout(torch.randn(u.shape, generator=torch.Generator().manual_seed(seed + 1)), layouts[2])
    exact = [None if v is None else v.double().requires_grad_() for v in (u, weight, b)]
    u, weight = with_layout(u, layouts[0]), with_layout(weight, layouts[1])
    given_values = [None if v is None else v.detach().requires_grad_() for v in (u, weight, b)]
    y, expected = causal_conv1d(*given_values, silu=silu, backend=backend), by_taps(*exact, silu)
    assert y.dtype == torch.float32
    torch.testing.assert_close(y.double(), expected, rtol=1e-4, atol=1e-5)
    wanted = [v for v in given_values if v is not None], [v for v in exact if v is not None]
    gradients = torch.autograd.grad(y, wanted[0], grad_y)
    truths = torch.autograd.grad(expected, wanted[1], grad_y.double())
    for gradient, truth in zip(gradients, truths, strict=True):
        scale = truth.abs().max().item()
        torch.testing.assert_close(gradient.double(), truth, rtol=1e-4, atol=1e-5 * scale + 1e-30)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_other_floats_come_back_as_they_were(dtype):
    u, weight, bias = make(3, 18, 9, 4, True, 0)
    y = causal_conv1d(*(value.to(dtype) for value in (u, weight, bias)), silu=True)
    assert y.dtype == dtype
    torch.testing.assert_close(y.float(), by_taps(u, weight, bias, True), rtol=0.05, atol=0.05)


def test_a_long_sequence_of_many_channels():
    u, weight, bias = make(2, 130, 700, 4, True, 1)
    torch.testing.assert_close(causal_conv1d(u, weight, bias), by_taps(u, weight, bias, False), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("backend", ["reference", "cpu"])
@pytest.mark.parametrize("shape", [(0, 3, 4), (2, 3, 0), (2, 0, 4)])
def test_nothing_to_convolve(shape, backend):
    u = torch.zeros(shape, requires_grad=True)
    weight = torch.ones(shape[1], 2, requires_grad=True)
    y = causal_conv1d(u, weight, silu=True, backend=backend)
    assert y.shape == shape
    y.sum().backward()
    assert torch.equal(weight.grad, torch.zeros(shape[1], 2))


@pytest.mark.parametrize("backend", ["reference", "cpu"])
def test_floats_of_several_widths_give_that_of_the_input(backend):
    u, weight, bias = make(3, 18, 9, 4, True, 0)
    given_values = u.bfloat16().requires_grad_(), weight.requires_grad_(), bias.double().requires_grad_()
    y = causal_conv1d(*given_values, silu=True, backend=backend)
    assert y.dtype == torch.bfloat16
    torch.testing.assert_close(y.float(), by_taps(u.bfloat16().float(), weight, bias, True), rtol=0.01, atol=0.01)
    gradients = torch.autograd.grad(y.float().sum(), given_values)
    assert [gradient.dtype for gradient in gradients] == [value.dtype for value in given_values]


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("u", torch.zeros(1, 3, 4, dtype=torch.int32), TypeError, "u has dtype torch.int32"),
        ("weight", torch.zeros(3, 2, dtype=torch.complex64), TypeError, "weight is complex"),
        ("weight", None, TypeError, "weight is of type NoneType; causal_conv1d takes tensors"),
        ("bias", torch.zeros(3, device="meta"), ValueError, "bias is on meta but u is on cpu"),
    ],
)
def test_other_than_real_tensors_in_one_place_is_refused_by_name(name, value, error, message):
    arguments = {"u": torch.zeros(1, 3, 4), "weight": torch.zeros(3, 2), "bias": torch.zeros(3)}
    with pytest.raises(error, match=message):
        causal_conv1d(**arguments | {name: value})


@pytest.mark.parametrize(
    ("u", "weight", "bias", "message"),
    [
        ((3, 4), (3, 2), None, r"u has shape \(3, 4\)"),
        ((1, 3, 4), (4, 2), None, r"weight has shape \(4, 2\).*dim = 3"),
        ((1, 3, 4), (3, 1, 2), None, r"weight has shape \(3, 1, 2\)"),
        ((1, 3, 4), (3, 0), None, r"weight has shape \(3, 0\)"),
        ((1, 3, 4), (3, 2), (2,), r"bias has shape \(2,\); expected \(3,\)"),
    ],
)
def test_wrong_shapes_are_refused_by_name(u, weight, bias, message):
    with pytest.raises(ValueError, match=message):
        causal_conv1d(torch.zeros(u), torch.zeros(weight), None if bias is None else torch.zeros(bias))


def test_a_backend_that_does_not_take_the_tensors_is_refused():
    with pytest.raises(BackendError, match="'cpu' cannot be used"):
        causal_conv1d(torch.zeros(1, 2, 3, dtype=torch.float64), torch.zeros(2, 2, dtype=torch.float64), backend="cpu")
