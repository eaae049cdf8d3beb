"""A short check that a backend computes what the reference does, for ``spectralmamba doctor``."""

import time
from dataclasses import dataclass

import torch
from torch import Tensor

from spectralmamba.errors import BackendError
from spectralmamba.ops.selective_scan import selective_scan

TOLERANCE = 1e-4
SECONDS = 0.5

Case = dict[str, Tensor]


@dataclass(frozen=True)
class SelfTest:
    """What a self-test found.

    Attributes
    ----------
    cases : int
        Random scans that were compared, with all their gradients.
    error : float
        Largest difference, relative to the largest value of the result or gradient that it is in.
    """

    cases: int
    error: float


def self_test(backend: str, seconds: float = SECONDS) -> SelfTest:
    """Compare a backend in float32 with the reference in float64 on random shapes, for some time and at least once.

    Parameters
    ----------
    backend : str
        As for :func:`spectralmamba.ops.selective_scan`.
    seconds : float
        How long; the first call of a backend, which compiles it, comes before.

    Raises
    ------
    BackendError
        The backend is not there, or a difference is above 1e-4.
    """
    device = "cuda" if backend == "gpu" and torch.cuda.is_available() else "cpu"
    draw = torch.Generator().manual_seed(0)
    worst, cases = _compare(backend, device, draw), 1
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        worst, cases = max(worst, _compare(backend, device, draw)), cases + 1
    return SelfTest(cases, worst)


def _compare(backend: str, device: str, draw: torch.Generator) -> float:
    case = _random_case(draw)
    expected = _results({name: value.double() for name, value in case.items()}, "reference")
    results = _results({name: value.to(device) for name, value in case.items()}, backend)
    error = max(_difference(result.cpu(), truth) for result, truth in zip(results, expected, strict=True))
    if not error <= TOLERANCE:  # NaN too
        raise BackendError(f"backend {backend} is off by {error:.1e}; use backend='reference' and report this")
    return error


def _random_case(draw: torch.Generator) -> Case:
    """Arguments of all kinds, of odd and even sizes, small enough for the interpreter of a GPU's kernels."""
    batch, groups, channels, length, states = (
        int(torch.randint(1, most + 1, (1,), generator=draw)) for most in (3, 2, 20, 12, 17)
    )
    dim = groups * channels

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=draw)

    return {
        "u": normal(batch, dim, length),
        "delta": normal(batch, dim, length),
        "A": -torch.exp(normal(dim, states)),
        "B": normal(batch, groups, states, length),
        "C": normal(batch, states, length),
        "D": normal(dim),
        "z": normal(batch, length, dim).transpose(1, 2),
        "delta_bias": normal(dim),
    }


def _results(case: Case, backend: str) -> list[Tensor]:
    """Give y and the gradient of its sum for each argument."""
    arguments = {name: value.detach().requires_grad_() for name, value in case.items()}
    y = selective_scan(**arguments, delta_softplus=True, backend=backend)  # type: ignore[arg-type]
    assert isinstance(y, Tensor)  # noqa: S101 - narrows the type: no last state was asked for
    return [y.detach(), *torch.autograd.grad(y.sum(), list(arguments.values()))]


def _difference(result: Tensor, truth: Tensor) -> float:
    return float((result - truth).abs().max() / truth.abs().max())
