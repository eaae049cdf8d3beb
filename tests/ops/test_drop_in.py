"""The grid on which ``mamba_ssm`` compares its ``selective_scan_fn`` with a reference, on every backend.

Batch 2, dim 4, 8 states, lengths 128 to 4096; groups 1 and 2; constant and variable B and C; with and without D, z,
delta_bias, softplus and the last state; rtol 6e-4 and atol 2e-3, looser for gradients, as there.
"""

import itertools

import pytest
import torch

from spectralmamba.ops import selective_scan

from .helpers import device_of

LENGTHS = (128, 256, 512, 1024, 2048, 4096)
SWITCHES = ("D", "z", "delta_bias", "delta_softplus", "return_last_state")

# All forms with everything on, and all combinations of switches with everything variable.
ALL_ON = dict.fromkeys(SWITCHES, True)
FORMS = [(B, C, groups, ALL_ON) for B, C in itertools.product((True, False), repeat=2) for groups in (1, 2)]
OPTIONS = [
    (True, True, 1, dict(zip(SWITCHES, chosen, strict=True))) for chosen in itertools.product((True, False), repeat=5)
]


def arguments_of(length, variable_B, variable_C, groups, switches):
    """Random arguments as in Mamba's tests: steps between 0 and 0.5, A between −0.5 and 0."""
    draw = torch.Generator().manual_seed(length)
    batch, dim, states = 2, 4, 8

    def normal(*shape):
        return torch.randn(*shape, generator=draw)

    def projection(variable):
        if not variable:
            return normal(dim, states)
        return normal(batch, states, length) if groups == 1 else normal(batch, groups, states, length)

    arguments = {
        "u": normal(batch, dim, length),
        "delta": 0.5 * torch.rand(batch, dim, length, generator=draw),
        "A": -0.5 * torch.rand(dim, states, generator=draw),
        "B": projection(variable_B),
        "C": projection(variable_C),
    }
    if switches["D"]:
        arguments["D"] = normal(dim)
    if switches["z"]:
        arguments["z"] = normal(batch, dim, length)
    if switches["delta_bias"]:
        arguments["delta_bias"] = 0.5 * torch.rand(dim, generator=draw)
    return arguments, normal(batch, dim, length)


def run(arguments, gradient, switches, backend):
    device = device_of(backend)
    values = {name: value.to(device).requires_grad_() for name, value in arguments.items()}
    options = {name: switches[name] for name in ("delta_softplus", "return_last_state")}
    result = selective_scan(**values, **options, backend=backend)
    y, last = result if switches["return_last_state"] else (result, None)
    gradients = torch.autograd.grad(y, list(values.values()), gradient.to(device))
    named = dict(zip(values, (g.cpu() for g in gradients), strict=True))
    return y.detach().cpu(), None if last is None else last.detach().cpu(), named


def compare(length, case, backend):
    *forms, switches = case
    arguments, gradient = arguments_of(length, *forms, switches)
    y, last, gradients = run(arguments, gradient, switches, backend)
    expected_y, expected_last, expected = run(
        {name: value.detach().double() for name, value in arguments.items()}, gradient.double(), switches, "reference"
    )
    torch.testing.assert_close(y.double(), expected_y, rtol=6e-4, atol=2e-3)
    if last is not None:
        torch.testing.assert_close(last.double(), expected_last, rtol=6e-4, atol=2e-3)
    for name, truth in expected.items():
        loose = name in {"A", "D", "delta_bias"} or arguments[name].ndim == 2  # sums over all steps and sequences
        tolerances = {"rtol": 1e-3, "atol": 5e-3 * 5} if loose else {"rtol": 6e-4 * 2, "atol": 2e-3 * 2}
        torch.testing.assert_close(gradients[name].double(), truth, **tolerances, msg=lambda m, n=name: f"{n}: {m}")


@pytest.mark.parametrize("backend", ["reference", "cpu"])
@pytest.mark.parametrize("length", LENGTHS)
def test_the_grid(length, backend):
    for case in FORMS if length > 512 else [*FORMS, *OPTIONS]:
        compare(length, case, backend)


@pytest.mark.triton
@pytest.mark.parametrize("case", [FORMS[0], FORMS[-1], OPTIONS[-1]])
def test_the_grid_on_a_gpu(case):
    compare(128, case, "gpu")


@pytest.mark.slow
@pytest.mark.triton
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("length", LENGTHS)
def test_the_whole_grid_on_a_gpu(length):
    """In the interpreter some hours: it takes milliseconds for a step of a sequence."""
    for case in FORMS if length > 512 else [*FORMS, *OPTIONS]:
        compare(length, case, "gpu")
