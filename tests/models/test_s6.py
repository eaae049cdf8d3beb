"""The Mamba block: its formula, causality, memory, and what it is with S6 off."""

import pytest
import torch
from torch.nn import functional

from spectralmamba.models.s6 import S6, STEP_SIZE_RANGE, S6Block


def make_block(seed=0, dim=5, **options):
    torch.manual_seed(seed)
    options = {"state_size": 3, "expansion": 1, "conv_size": 4} | options
    block = S6Block(dim, **options).double().eval()
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return block


def tokens_of(length=12, dim=5):
    return torch.randn(2, length, dim, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize("options", [{}, {"conv_size": 1}, {"expansion": 2}, {"s6": False}])
@pytest.mark.parametrize("t", [0, 1, 6, 11])
def test_a_token_never_changes_what_came_before_it(t, options):
    block, tokens = make_block(**options), tokens_of()
    changed = tokens.clone()
    changed[:, t] = torch.randn(5, dtype=torch.float64)
    with torch.no_grad():
        before, after = block(tokens)[0], block(changed)[0]
    assert torch.equal(before[:, :t], after[:, :t])
    assert (before[:, t] - after[:, t]).abs().max() > 1e-3


@pytest.mark.parametrize(("s6", "remembers"), [(True, True), (False, False)])
@pytest.mark.parametrize("conv_size", [1, 4])
def test_only_s6_remembers_beyond_the_convolution(conv_size, s6, remembers):
    block, tokens = make_block(conv_size=conv_size, s6=s6), tokens_of()
    changed = tokens.clone()
    changed[:, 2] = torch.randn(5, dtype=torch.float64)
    with torch.no_grad():
        difference = (block(tokens)[0] - block(changed)[0]).abs().amax(dim=(0, 2))
    within, beyond = difference[2 : 2 + conv_size], difference[2 + conv_size :]
    assert (within > 1e-6).all()
    assert bool((beyond > 0).all()) is remembers
    assert bool((beyond == 0).all()) is not remembers


def test_block_is_norm_projection_convolution_scan_gate_projection_residual():
    block, tokens = make_block(expansion=2), tokens_of()
    normed = functional.layer_norm(tokens, (5,), block.norm.weight, block.norm.bias)
    u, z = (normed @ block.input_projection.weight.T).split(10, dim=-1)
    taps = block.convolution.weight[:, 0]  # (D, 4), the last on the token itself
    convolved = block.convolution.bias + sum(
        taps[:, 3 - k] * functional.pad(u, (0, 0, k, 0))[:, : u.shape[1]] for k in range(4)
    )
    y, step = block.scan(functional.silu(convolved))
    expected = tokens + (y * functional.silu(z)) @ block.output_projection.weight.T
    out, internals = block(tokens, internals=True)
    torch.testing.assert_close(out, expected)
    torch.testing.assert_close(internals.response, y)
    torch.testing.assert_close(internals.delta, step)


def test_explained_internals_are_the_step_sizes_and_the_response():
    block, tokens = make_block(), tokens_of()
    _, internals = block(tokens, internals=True)
    explained = block.explain(internals)
    assert explained.delta.shape == explained.response.shape == (2, 5, 12)
    expected = functional.softplus(internals.delta + block.scan.step_bias)
    torch.testing.assert_close(explained.delta, expected.transpose(1, 2))
    assert (explained.delta > 0).all()
    torch.testing.assert_close(explained.response, internals.response.transpose(1, 2))


def test_with_s6_off_the_response_is_d_times_u():
    block, tokens = make_block(s6=False), tokens_of()
    seen = []
    block.scan.register_forward_hook(lambda _, inputs, output: seen.append((inputs[0], output[0])))
    _, internals = block(tokens, internals=True)
    (u, y), response = seen[-1], internals.response
    torch.testing.assert_close(y, block.scan.D * u, rtol=0, atol=0)
    assert torch.equal(response, y)
    assert internals.delta.numel() == 0
    assert [name for name, _ in block.scan.named_parameters()] == ["D"]
    assert block.explain(internals).delta.shape == (2, 5, 0)


def test_state_matrix_starts_as_minus_one_to_minus_n():
    scan = S6(dim=3, state_size=4, rank=1)
    torch.testing.assert_close(-torch.exp(scan.A_log), -torch.arange(1.0, 5.0).repeat(3, 1))
    assert torch.equal(scan.D, torch.ones(3))


def test_step_sizes_start_within_their_range():
    torch.manual_seed(0)
    steps = functional.softplus(S6(dim=2000, state_size=1, rank=1).step_bias)
    low, high = STEP_SIZE_RANGE
    assert low * 0.999 <= steps.min()
    assert steps.max() <= high * 1.001
    assert torch.log10(steps).mean().item() == pytest.approx(-2, abs=0.05)  # log-uniform


@pytest.mark.parametrize(("dim", "rank"), [(5, 1), (16, 1), (17, 2), (32, 2), (33, 3)])
def test_rank_of_the_step_projection_is_a_sixteenth_of_the_width(dim, rank):
    assert make_block(dim=dim).scan.rank == rank
