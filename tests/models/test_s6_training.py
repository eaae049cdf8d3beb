"""A block trained as one step gives what its parts give, and steps aside where somebody looks into it."""

import pytest
import torch
from torch.autograd import forward_ad

from spectralmamba.errors import BackendError
from spectralmamba.models import s6_training
from spectralmamba.models.s6 import S6Block


@pytest.fixture
def used(monkeypatch):
    """Count how often a block is computed as one step."""
    calls = []
    right = s6_training.train_block
    monkeypatch.setattr("spectralmamba.models.s6.train_block", lambda *arguments: calls.append(1) or right(*arguments))
    return calls


def make(dim=20, state_size=16, expansion=1, conv_size=4, backend="auto", batch=9):
    torch.manual_seed(0)
    block = S6Block(dim, state_size, expansion, conv_size, backend=backend)
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    tokens = torch.randn(batch, 25, dim, requires_grad=True)
    return block, tokens


def results(block, tokens, gradient):
    out = block(tokens)[0]
    gradients = torch.autograd.grad(out, [tokens, *block.parameters()], gradient)
    return [out.detach(), *gradients]


@pytest.mark.parametrize(
    "options",
    # In a batch of 64 each sequence's gradients of B and C are written once, in smaller ones by several in parts.
    [
        {},
        {"dim": 32},
        {"dim": 32, "batch": 64},
        {"dim": 17, "state_size": 9, "batch": 64},
        {"dim": 5, "state_size": 3, "conv_size": 1},
        {"dim": 17, "expansion": 2, "state_size": 9},
    ],
)
def test_equals_its_parts(options, used):
    block, tokens = make(**options)
    gradient = torch.randn(tokens.shape, generator=torch.Generator().manual_seed(1))
    one_step = results(block, tokens, gradient)
    assert used == [1]
    reference, _ = make(**options, backend="reference")
    parts = results(reference, tokens, gradient)
    assert used == [1]
    for result, expected in zip(one_step, parts, strict=True):
        assert result.shape == expected.shape
        scale = expected.abs().max().item()
        torch.testing.assert_close(result, expected, rtol=1e-4, atol=2e-5 * scale)


def test_the_result_is_that_of_inference():
    block, tokens = make()
    with torch.no_grad():
        expected = block(tokens)[0]
    torch.testing.assert_close(block(tokens)[0], expected, rtol=1e-5, atol=1e-6)


def test_a_gradient_of_other_strides_and_tokens_in_parts():
    block, _ = make()
    tokens = torch.randn(9, 20, 25).transpose(1, 2).requires_grad_()
    gradient = torch.randn(9, 20, 25, generator=torch.Generator().manual_seed(1)).transpose(1, 2)
    strided = results(block, tokens, gradient)
    plain = results(block, tokens.detach().contiguous().requires_grad_(), gradient.contiguous())
    for result, expected in zip(strided, plain, strict=True):
        torch.testing.assert_close(result, expected, rtol=1e-5, atol=1e-5 * expected.abs().max().item())


@pytest.mark.parametrize("part", ["norm", "convolution", "scan", "scan.step_projection"])
@pytest.mark.parametrize(
    "register", ["register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook"]
)
def test_hooks_on_parts_are_called(part, register, used):
    block, tokens = make()
    seen = []
    hook = getattr(block.get_submodule(part), register)(lambda *_: seen.append(1))
    block(tokens)[0].sum().backward()
    assert seen
    assert not used
    hook.remove()
    block(tokens)[0].sum().backward()
    assert used == [1]


def test_without_gradients_with_internals_in_autocast_and_in_float64_the_parts_are_used(used):
    block, tokens = make()
    with torch.no_grad():
        block(tokens)
    block(tokens, internals=True)
    with torch.autocast("cpu", torch.bfloat16):
        block(tokens)
    block.double()(tokens.double())
    S6Block(20, 16, 1, 4, s6=False)(tokens)
    assert not used


def test_compiled_the_parts_are_used(used):
    block, tokens = make()
    compiled = torch.compile(lambda t: block(t)[0], fullgraph=True, backend="eager")
    result = compiled(tokens)
    assert not used
    torch.testing.assert_close(result, block(tokens)[0], rtol=1e-5, atol=1e-6)


def test_a_second_derivative_is_refused_with_advice():
    block, tokens = make()
    (gradient,) = torch.autograd.grad(block(tokens)[0].sum(), tokens, create_graph=True)
    with pytest.raises(BackendError, match="no second derivatives; use backend='reference'"):
        gradient.sum().backward()


def test_vmap_is_refused_with_advice():
    block, tokens = make()
    with pytest.raises(BackendError, match="do not work inside vmap"):
        torch.vmap(lambda t: block(t)[0])(torch.stack([tokens, tokens]))


def test_what_is_mapped_beside_the_block_does_not_concern_it(used):
    block, tokens = make()
    found = torch.vmap(lambda factor: factor * block(tokens)[0])(torch.tensor([1.0, 2.0]))
    assert not used  # PyTorch has no way to transform a step of its own around it
    expected = block(tokens)[0]
    torch.testing.assert_close(found, torch.stack([expected, 2 * expected]), rtol=1e-5, atol=1e-6)


def test_gradients_of_its_parameters_by_torch_func_are_right():
    block, tokens = make()
    reference, _ = make(backend="reference")
    tokens, found = tokens.detach(), []
    for module in (block, reference):
        parameters = {name: value.detach() for name, value in module.named_parameters()}
        loss = torch.func.grad(lambda p, m=module: torch.func.functional_call(m, p, (tokens,))[0].square().mean())
        found.append(loss(parameters))
    for name, gradient in found[1].items():
        torch.testing.assert_close(found[0][name], gradient, rtol=1e-4, atol=1e-5 * gradient.abs().max().item())


@pytest.mark.filterwarnings(
    "ignore:.torch.jit.script. is deprecated:DeprecationWarning"
)  # PyTorch's own forward mode uses it
def test_forward_mode_and_batches_of_gradients_are_refused_with_advice():
    block, tokens = make()
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(tokens, torch.ones_like(tokens))
        with pytest.raises(BackendError, match="no forward-mode derivatives"):
            block(dual)
    gradients = torch.ones(2, *tokens.shape)
    with pytest.raises(BackendError, match="do not work inside vmap"):
        torch.autograd.grad(block(tokens)[0], tokens, gradients, is_grads_batched=True)


def test_an_empty_batch_gives_an_empty_result():
    block, tokens = make(batch=0)
    out = block(tokens)[0]
    out.sum().backward()
    assert out.shape == tokens.shape
    assert not block.scan.A_log.grad.any()


def test_the_number_of_threads_changes_no_gradient_of_the_kernels():
    block, tokens = make(dim=64)
    before, found = torch.get_num_threads(), []
    for n in (1, 2):
        torch.set_num_threads(n)
        block(tokens)[0].sum().backward()
        found.append([block.scan.A_log.grad.clone(), block.convolution.weight.grad.clone()])
        block.zero_grad()
    torch.set_num_threads(before)
    for one, two in zip(*found, strict=True):
        torch.testing.assert_close(one, two, rtol=1e-5, atol=1e-6)
