"""A short check that a backend computes what the formula says, for ``spectralmamba doctor``."""

import torch

from spectralmamba.errors import BackendError
from spectralmamba.ops.selective_scan import selective_scan

TOLERANCE = 1e-4


def self_test(backend: str) -> float:
    """Compare a backend in float32 with a float64 loop over one sequence.

    Returns
    -------
    float
        Largest difference, relative to the largest value.

    Raises
    ------
    BackendError
        It is above 1e-4.
    """
    source = torch.Generator().manual_seed(0)
    dim, state, length = 8, 16, 32
    u, delta = torch.randn(2, 1, dim, length, generator=source)
    B, C = torch.randn(2, 1, state, length, generator=source)
    A = -torch.rand(dim, state, generator=source) - 0.1
    result = selective_scan(u, delta, A, B, C, delta_softplus=True, backend=backend)
    h, expected = torch.zeros(dim, state, dtype=torch.float64), []
    for t in range(length):
        step = torch.nn.functional.softplus(delta[0, :, t].double())[:, None]
        h = torch.exp(step * A) * h + step * B[0, :, t] * u[0, :, t, None]
        expected.append((h * C[0, :, t]).sum(1))
    truth = torch.stack(expected, 1)
    error = float((result[0] - truth).abs().max() / truth.abs().max())
    if error > TOLERANCE:
        raise BackendError(f"backend {backend} is off by {error:.1e}; use another one and report this")
    return error
