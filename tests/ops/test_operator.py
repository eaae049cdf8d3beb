"""The scan and the convolution as operators of PyTorch: checked, compiled, exported, in autocast, and refused."""

import pytest
import torch
from torch.autograd import forward_ad

from spectralmamba.errors import BackendError
from spectralmamba.ops import causal_conv1d, selective_scan

from .helpers import FAST_BACKENDS, LAYOUTS, OPTIONAL, device_of, make_arguments, with_layout

# PyTorch's forward mode, at its first use.
WARNS_OF_ITSELF = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")

ORDER = ("u", "delta", "A", "B", "C", "D", "z", "delta_bias")


def on_device(arguments, backend, **options):
    return {name: value.detach().to(device_of(backend)).requires_grad_(**options) for name, value in arguments.items()}


@pytest.mark.parametrize("backend", FAST_BACKENDS)
@pytest.mark.parametrize("layout", LAYOUTS[:3])
@pytest.mark.parametrize(("B", "C", "optional"), [("grouped", "variable", OPTIONAL), ("constant", "constant", ())])
@pytest.mark.parametrize("last", [False, True])
def test_opcheck_of_the_scan(B, C, optional, layout, last, backend):
    arguments = make_arguments(B, C, optional=optional, dim=6, state=5, dtype=torch.float32)
    values = on_device({name: with_layout(value, layout) for name, value in arguments.items()}, backend)
    torch.library.opcheck(
        torch.ops.spectralmamba.selective_scan.default, (*(values.get(name) for name in ORDER), True, last, backend)
    )


@pytest.mark.parametrize("backend", FAST_BACKENDS)
@pytest.mark.parametrize(("B", "C", "optional"), [("grouped", "variable", OPTIONAL), ("constant", "constant", ())])
def test_opcheck_of_the_gradient(B, C, optional, backend):
    arguments = make_arguments(B, C, optional=optional, dim=6, state=5, dtype=torch.float32)
    values = {name: value.detach() for name, value in on_device(arguments, backend).items()}
    tensors = (values.get(name) for name in ORDER)
    gradients = (torch.ones_like(values["u"]), values["u"].new_ones(2, 6, 5))
    torch.library.opcheck(
        torch.ops.spectralmamba.selective_scan_backward.default, (*gradients, *tensors, True, backend)
    )


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("silu", [True, False])
def test_opcheck_of_the_convolution(bias, silu):
    u, weight = torch.randn(2, 5, 7, requires_grad=True), torch.randn(5, 4, requires_grad=True)
    b = torch.randn(5, requires_grad=True) if bias else None
    torch.library.opcheck(torch.ops.spectralmamba.causal_conv1d.default, (u, weight, b, silu))
    plain = (u.detach(), weight.detach(), None if b is None else b.detach(), silu)
    torch.library.opcheck(torch.ops.spectralmamba.causal_conv1d_backward.default, (torch.ones(2, 5, 7), *plain))


class Block(torch.nn.Module):
    """A convolution and a scan of what it gives, as in a Mamba block."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(4, 3))
        self.A = torch.nn.Parameter(-torch.rand(4, 3))

    def forward(self, u, delta, B, C):
        u = causal_conv1d(u, self.weight, silu=True, backend="auto")
        return selective_scan(u, delta, self.A, B, C, delta_softplus=True)


def block_and_inputs():
    torch.manual_seed(0)
    arguments = make_arguments(dtype=torch.float32)
    return Block(), tuple(arguments[name] for name in ("u", "delta", "B", "C"))


@pytest.mark.parametrize("compiler", ["eager", "aot_eager"])
def test_compiled_as_one_graph(compiler):
    block, inputs = block_and_inputs()
    compiled = torch.compile(block, fullgraph=True, backend=compiler)
    result = compiled(*inputs)
    result.sum().backward()
    gradients = [parameter.grad.clone() for parameter in block.parameters()]
    block.zero_grad()
    expected = block(*inputs)
    expected.sum().backward()
    assert torch.equal(result, expected)
    assert all(torch.equal(g, p.grad) for g, p in zip(gradients, block.parameters(), strict=True))


def test_exported_for_any_batch_size():
    block, inputs = block_and_inputs()
    batch = torch.export.Dim("batch", min=1)
    program = torch.export.export(block, inputs, dynamic_shapes=tuple({0: batch} for _ in inputs))
    larger = tuple(torch.cat([value, value.flip(0), value]) for value in inputs)
    assert torch.equal(program.module()(*larger), block(*larger))
    names = {str(node.target) for node in program.graph.nodes}
    assert {"spectralmamba.selective_scan.default", "spectralmamba.causal_conv1d.default"} <= names


def test_autocast_gives_what_the_reference_gives_there():
    from spectralmamba.models.spectral_mamba import SpectralMamba, SpectralMambaConfig

    results = {}
    for backend in ("reference", "cpu"):
        torch.manual_seed(0)
        model = SpectralMamba(SpectralMambaConfig(n_bands=31, n_classes=4, patch_size=1), backend)
        x = torch.randn(6, 31, generator=torch.Generator().manual_seed(1))
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(x)
        assert logits.dtype == torch.bfloat16
        logits.float().sum().backward()
        results[backend] = [logits.detach().float(), *(p.grad for p in model.parameters())]
    for result, expected in zip(results["cpu"], results["reference"], strict=True):
        torch.testing.assert_close(result, expected, rtol=0, atol=0.05 * expected.abs().max().item())


@pytest.mark.parametrize("backend", FAST_BACKENDS)
def test_a_second_derivative_is_refused_with_advice(backend):
    values = on_device(make_arguments(dtype=torch.float32), backend)
    y = selective_scan(**values, backend=backend)
    (gradient,) = torch.autograd.grad(y.sum(), values["u"], create_graph=True)
    with pytest.raises(BackendError, match="no second derivatives; use backend='reference'"):
        torch.autograd.grad(gradient.sum(), values["delta"])


def test_a_second_derivative_of_the_convolution_is_refused_too():
    u, weight = torch.randn(2, 3, 5, requires_grad=True), torch.randn(3, 2, requires_grad=True)
    (gradient,) = torch.autograd.grad(causal_conv1d(u, weight, silu=True).sum(), u, create_graph=True)
    with pytest.raises(BackendError, match="no second derivatives"):
        torch.autograd.grad(gradient.sum(), weight)


@pytest.mark.parametrize("backend", FAST_BACKENDS)
@pytest.mark.parametrize("needs_gradient", [False, True])
def test_vmap_is_refused_with_advice(needs_gradient, backend):
    values = on_device(make_arguments(dtype=torch.float32), backend, requires_grad=needs_gradient)
    several = torch.stack([values.pop("u")] * 2)
    with pytest.raises(BackendError, match=r"do not work inside vmap.*backend='reference'"):
        torch.vmap(lambda u: selective_scan(u, **values, backend=backend))(several)


@pytest.mark.parametrize("backend", FAST_BACKENDS)
def test_functional_gradients_are_those_of_the_reference(backend):
    values = on_device(make_arguments(dtype=torch.float32), backend, requires_grad=False)

    def gradients(backend):
        def loss(values):
            y, last = selective_scan(**values, delta_softplus=True, return_last_state=True, backend=backend)
            return y.square().sum() + last.sum()

        return torch.func.grad(loss)(values)

    expected = gradients("reference")
    for name, gradient in gradients(backend).items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-4, atol=1e-4)


def test_functional_gradients_of_the_convolution():
    u, weight = torch.randn(2, 3, 5), torch.randn(3, 2)

    def gradients(backend):
        return torch.func.grad(lambda u, w: causal_conv1d(u, w, silu=True, backend=backend).sum(), (0, 1))(u, weight)

    for gradient, expected in zip(gradients("cpu"), gradients("reference"), strict=True):
        torch.testing.assert_close(gradient, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("backend", FAST_BACKENDS)
def test_what_a_functional_gradient_cannot_be_is_refused_with_advice(backend):
    values = on_device(make_arguments(dtype=torch.float32), backend, requires_grad=False)
    u = values.pop("u")

    def loss(u):
        return selective_scan(u, **values, backend=backend).sum()

    with pytest.raises(BackendError, match="no second derivatives; use backend='reference'"):
        torch.func.grad(lambda u: torch.func.grad(loss)(u).sum())(u)
    with pytest.raises(BackendError, match="do not work inside vmap"):
        torch.vmap(torch.func.grad(loss))(torch.stack([u, u]))


@WARNS_OF_ITSELF
@pytest.mark.parametrize("needs_gradient", [False, True])
@pytest.mark.parametrize("backend", FAST_BACKENDS)
def test_a_forward_mode_derivative_is_refused_and_not_zero(backend, needs_gradient):
    values = on_device(make_arguments(dtype=torch.float32), backend, requires_grad=needs_gradient)
    u = values.pop("u")
    with pytest.raises(BackendError, match=r"no forward-mode derivatives.*backend='reference'"):
        torch.func.jvp(lambda u: selective_scan(u, **values, backend=backend), (u,), (u,))
    with forward_ad.dual_level(), pytest.raises(BackendError, match="no forward-mode derivatives"):
        selective_scan(forward_ad.make_dual(u, torch.ones_like(u)), **values, backend=backend)


@WARNS_OF_ITSELF
def test_a_forward_mode_derivative_beside_the_scan_is_none_of_its_business():
    values = make_arguments(dtype=torch.float32)
    one = torch.ones(())
    _, tangent = torch.func.jvp(lambda factor: factor * selective_scan(**values), (one,), (one,))
    torch.testing.assert_close(tangent, selective_scan(**values))


def test_vmap_of_the_convolution_is_refused_too():
    weight = torch.randn(3, 2)
    with pytest.raises(BackendError, match="do not work inside vmap"):
        torch.vmap(lambda u: causal_conv1d(u, weight))(torch.randn(2, 2, 3, 5))


def test_the_reference_works_inside_vmap_and_twice_differentiated():
    values = make_arguments(dtype=torch.float32)
    several = torch.stack([values["u"], 2 * values["u"]])
    rest = {name: value for name, value in values.items() if name != "u"}
    mapped = torch.vmap(lambda u: selective_scan(u, **rest, backend="reference"))(several)
    torch.testing.assert_close(mapped[1], selective_scan(several[1], **rest, backend="reference"))
