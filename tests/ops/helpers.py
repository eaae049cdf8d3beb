"""Arguments of the scan, and what every backend is compared with."""

import numpy as np
import pytest
import torch

from spectralmamba.ops import selective_scan

FORMS = ("constant", "variable", "grouped")
OPTIONAL = ("D", "z", "delta_bias")


def make_arguments(
    B="variable",
    C="variable",
    *,
    optional=OPTIONAL,
    batch=2,
    dim=4,
    length=5,
    state=3,
    groups=2,
    seed=0,
    dtype=torch.float64,
):
    """Random arguments of the scan by name."""
    draw = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=draw, dtype=torch.float64).to(dtype)

    shapes = {
        "constant": (dim, state),
        "variable": (batch, state, length),
        "grouped": (batch, groups, state, length),
    }
    arguments = {
        "u": normal(batch, dim, length),
        "delta": normal(batch, dim, length) * 0.5,
        "A": -torch.exp(normal(dim, state)),
        "B": normal(*shapes[B]),
        "C": normal(*shapes[C]),
        "D": normal(dim),
        "z": normal(batch, dim, length),
        "delta_bias": normal(dim) * 0.5,
    }
    return {name: value for name, value in arguments.items() if name not in OPTIONAL or name in optional}


def scan_by_loops(u, delta, A, B, C, *, D=None, z=None, delta_bias=None, delta_softplus=False):
    """The recurrence of the Mamba paper, element by element: y (B, D, L) and the last state (B, D, N)."""
    batch, dim, length = u.shape
    state = A.shape[1]

    def element(X, b, d, n, t):
        if X.ndim == 2:
            return X[d, n]
        if X.ndim == 3:
            return X[b, n, t]
        return X[b, d // (dim // X.shape[1]), n, t]

    y, last = np.zeros((batch, dim, length)), np.zeros((batch, dim, state))
    for b in range(batch):
        for d in range(dim):
            h = [0.0] * state
            for t in range(length):
                step = delta[b, d, t] + (0.0 if delta_bias is None else delta_bias[d])
                if delta_softplus:
                    step = np.log1p(np.exp(step))
                h = [np.exp(step * A[d, n]) * h[n] + step * element(B, b, d, n, t) * u[b, d, t] for n in range(state)]
                value = sum(h[n] * element(C, b, d, n, t) for n in range(state))
                value += 0.0 if D is None else D[d] * u[b, d, t]
                y[b, d, t] = value if z is None else value * z[b, d, t] / (1 + np.exp(-z[b, d, t]))
            last[b, d] = h
    return y, last


BACKENDS = [
    "reference",
    "cpu",
    pytest.param("gpu", marks=pytest.mark.triton),
]
FAST_BACKENDS = BACKENDS[1:]


def device_of(backend):
    """Where a backend's tensors have to be: the GPU's may also be on the CPU, in Triton's interpreter."""
    return "cuda" if backend == "gpu" and torch.cuda.is_available() else "cpu"


def differentiate(arguments, backend, *, grad_y, grad_last_state=None, softplus=True, dtype=None):
    """y, the last state, and the gradient of each argument by name, on the CPU."""
    device = device_of(backend)
    values = {
        name: value.detach().to(device=device, dtype=dtype or value.dtype).requires_grad_()
        for name, value in arguments.items()
    }
    y, last = selective_scan(**values, delta_softplus=softplus, return_last_state=True, backend=backend)
    outputs, gradients = [y], [grad_y.to(y)]
    if grad_last_state is not None:
        outputs, gradients = [y, last], [*gradients, grad_last_state.to(last)]
    results = torch.autograd.grad(outputs, list(values.values()), gradients, allow_unused=True, materialize_grads=True)
    named = {"y": y, "last_state": last} | {f"grad_{n}": g for n, g in zip(values, results, strict=True)}
    return {name: value.detach().cpu() for name, value in named.items()}


def assert_same(results, expected, rtol=1e-4, atol=1e-5):
    """Compare by name; ``atol`` is a share of the largest value of each tensor."""
    for name, truth in expected.items():
        result = results[name]
        assert result.shape == truth.shape, name
        scale = truth.abs().max().item() if truth.numel() else 0.0
        torch.testing.assert_close(
            result.double(),
            truth.double(),
            rtol=rtol,
            atol=atol * scale + 1e-30,
            msg=lambda m, name=name: f"{name}: {m}",
        )


def with_layout(value, layout):
    """The same values in memory in another order, with gaps, or repeated."""
    if layout == "contiguous":
        return value.contiguous()
    if layout == "steps first":  # as the model has them: (B, L, D) with D contiguous
        return value.transpose(-1, -2).contiguous().transpose(-1, -2) if value.ndim > 1 else value
    if layout == "part of a wider tensor":
        wide = value.new_full((*value.shape[:-1], value.shape[-1] + 3), float("nan"))
        wide[..., 1:-2] = value
        return wide[..., 1:-2]
    if layout == "channels apart":
        wide = value.new_full((2 * value.shape[0], *value.shape[1:]), float("nan"))
        wide[::2] = value
        return wide[::2]
    assert layout == "every second"
    wide = value.new_full((*value.shape[:-1], 2 * value.shape[-1]), float("nan"))
    wide[..., ::2] = value
    return wide[..., ::2]


LAYOUTS = ("contiguous", "steps first", "part of a wider tensor", "channels apart", "every second")
