"""The selective scan against three nested loops written here, and the contract of its call."""

import inspect
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spectralmamba.errors import BackendError
from spectralmamba.ops import selective_scan

from .helpers import FORMS, OPTIONAL, make_arguments, scan_by_loops

reference = partial(selective_scan, backend="reference")

ARGUMENTS = ("u", "delta", "A", "B", "C", "D", "z", "delta_bias")


def to_numpy(arguments):
    return {name: value.numpy() for name, value in arguments.items()}


@given(
    B=st.sampled_from(FORMS),
    C=st.sampled_from(FORMS),
    optional=st.sets(st.sampled_from(OPTIONAL)),
    softplus=st.booleans(),
    batch=st.integers(1, 3),
    groups=st.integers(1, 3),
    heads=st.integers(1, 3),
    length=st.integers(1, 6),
    state=st.integers(1, 4),
    seed=st.integers(0, 2**31),
)
@example(
    B="grouped", C="constant", optional=set(), softplus=True, batch=1, groups=3, heads=2, length=1, state=1, seed=0
)
@settings(max_examples=80, deadline=None)
def test_equals_the_recurrence_written_as_loops(*, B, C, optional, softplus, batch, groups, heads, length, state, seed):
    arguments = make_arguments(
        B, C, optional=optional, batch=batch, dim=groups * heads, length=length, state=state, groups=groups, seed=seed
    )
    y, last = reference(**arguments, delta_softplus=softplus, return_last_state=True)
    expected_y, expected_last = scan_by_loops(**to_numpy(arguments), delta_softplus=softplus)
    np.testing.assert_allclose(y.numpy(), expected_y, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(last.numpy(), expected_last, rtol=1e-10, atol=1e-12)


def test_constant_input_has_the_closed_form_of_a_geometric_series():
    u, step, a, b, c = 1.5, 0.25, -2.0, 0.75, -1.25
    ones = torch.ones(1, 1, 8, dtype=torch.float64)
    scalar = torch.ones(1, 1, dtype=torch.float64)
    y, last = reference(u * ones, step * ones, a * scalar, b * scalar, c * scalar, return_last_state=True)
    t = np.arange(1, 9)
    h = step * b * u * (1 - np.exp(step * a) ** t) / (1 - np.exp(step * a))
    np.testing.assert_allclose(y.numpy()[0, 0], c * h, rtol=1e-12)
    np.testing.assert_allclose(last.item(), h[-1], rtol=1e-12)


def test_softplus_of_a_large_step_does_not_overflow():
    arguments = make_arguments()
    arguments["delta"] = torch.full_like(arguments["delta"], 900.0)
    assert torch.isfinite(reference(**arguments, delta_softplus=True)).all()


def test_one_group_is_the_variable_form_and_one_group_a_channel_is_its_own():
    grouped = make_arguments("grouped", "grouped", groups=1)
    variable = grouped | {name: grouped[name][:, 0] for name in ("B", "C")}
    assert torch.equal(reference(**grouped), reference(**variable))
    own = make_arguments("grouped", "grouped", groups=4)
    for d in range(4):
        one = {name: value[..., d : d + 1, :] for name, value in own.items() if name in {"u", "delta", "z"}}
        one |= {name: own[name][d : d + 1] for name in ("A", "D", "delta_bias")}
        one |= {name: own[name][:, d] for name in ("B", "C")}
        torch.testing.assert_close(reference(**one), reference(**own)[:, d : d + 1], rtol=1e-12, atol=1e-14)


def test_a_scan_in_two_parts_agrees_where_the_second_does_not_look_back():
    arguments = make_arguments(length=6)
    arguments["A"] = torch.full_like(arguments["A"], -1e6)  # forgets everything at every step
    arguments["delta"] = arguments["delta"].abs() + 0.1
    late = {n: v[..., 3:] if v.ndim == 3 else v for n, v in arguments.items()}
    torch.testing.assert_close(reference(**arguments)[..., 3:], reference(**late), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("B", "C"), [("constant", "constant"), ("variable", "grouped"), ("grouped", "variable")])
@pytest.mark.parametrize("softplus", [False, True])
def test_gradients_of_result_and_last_state(B, C, softplus):
    arguments = make_arguments(B, C, batch=2, dim=2, length=3, state=2, groups=2)
    names = list(arguments)

    def scan(*values):
        return reference(**dict(zip(names, values, strict=True)), delta_softplus=softplus, return_last_state=True)

    assert torch.autograd.gradcheck(scan, [value.requires_grad_() for value in arguments.values()])


def test_second_derivatives():
    arguments = make_arguments("variable", "constant", batch=1, dim=2, length=3, state=2)
    names = list(arguments)

    def scan(*values):
        return reference(**dict(zip(names, values, strict=True)), delta_softplus=True)

    assert torch.autograd.gradgradcheck(scan, [value.requires_grad_() for value in arguments.values()])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_short_floats_come_back_as_they_were_with_the_state_in_float32(dtype):
    arguments = make_arguments(dtype=dtype, length=40)
    y, last = reference(**arguments, delta_softplus=True, return_last_state=True)
    assert (y.dtype, last.dtype) == (dtype, torch.float32)
    wide = {name: value.float() for name, value in arguments.items()}
    wide_y, wide_last = reference(**wide, delta_softplus=True, return_last_state=True)
    assert torch.equal(y, wide_y.to(dtype))  # rounded once, at the end
    assert torch.equal(last, wide_last)


def test_float32_is_as_exact_as_float32_can_be():
    arguments = make_arguments(length=30)
    narrow = {name: value.float() for name, value in arguments.items()}
    exact, _ = scan_by_loops(**{n: v.double().numpy() for n, v in narrow.items()}, delta_softplus=True)
    np.testing.assert_allclose(reference(**narrow, delta_softplus=True).numpy(), exact, rtol=1e-4, atol=1e-5)


def test_float64_stays_float64():
    y, last = reference(**make_arguments(), return_last_state=True)
    assert (y.dtype, last.dtype) == (torch.float64, torch.float64)


def test_a_float64_state_matrix_widens_the_state_but_not_the_result():
    arguments = make_arguments(dtype=torch.float32)
    arguments["A"] = arguments["A"].double()
    y, last = reference(**arguments, return_last_state=True)
    assert (y.dtype, last.dtype) == (torch.float32, torch.float64)


@pytest.mark.parametrize("form", FORMS)
def test_strides_do_not_matter_and_arguments_are_left_alone(form):
    arguments = make_arguments(form, form)
    strided = {name: _with_other_strides(value) for name, value in arguments.items()}
    assert not any(value.is_contiguous() for name, value in strided.items())
    before = {name: value.clone() for name, value in strided.items()}
    torch.testing.assert_close(reference(**strided), reference(**arguments), rtol=1e-12, atol=1e-14)
    assert all(torch.equal(strided[name], before[name]) for name in before)


def _with_other_strides(value):
    """The same values, the last dimension every second element of a wider tensor."""
    wide = value.new_full((*value.shape[:-1], 2 * value.shape[-1]), float("nan"))
    wide[..., ::2] = value
    return wide[..., ::2]


def test_a_sequence_of_no_steps_gives_no_steps_and_an_empty_memory():
    arguments = make_arguments(length=0)
    y, last = reference(**arguments, return_last_state=True)
    assert y.shape == (2, 4, 0)
    assert torch.equal(last, torch.zeros(2, 4, 3, dtype=torch.float64))


def test_the_last_state_comes_only_when_asked_for():
    arguments = make_arguments()
    y, last = reference(**arguments, return_last_state=True)
    assert torch.equal(reference(**arguments), y)
    assert last.shape == (2, 4, 3)


@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.parametrize("dtype", [torch.complex64, torch.int32, torch.bool])
def test_complex_and_whole_numbers_are_refused_by_name(name, dtype):
    arguments = make_arguments()
    arguments[name] = arguments[name].to(dtype)
    with pytest.raises(TypeError, match=rf"^{name} "):
        selective_scan(**arguments)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_what_is_no_dense_tensor_is_refused_by_name(name):
    arguments = make_arguments(dtype=torch.float32)
    with pytest.raises(TypeError, match=rf"^{name} is of type ndarray; selective_scan takes tensors"):
        selective_scan(**arguments | {name: arguments[name].numpy()})
    with pytest.raises(TypeError, match=rf"^{name} has layout torch.sparse_coo; pass a dense tensor"):
        selective_scan(**arguments | {name: arguments[name].to_sparse()})


@pytest.mark.parametrize("name", ARGUMENTS[:5])
def test_a_missing_argument_is_refused_by_name(name):
    with pytest.raises(TypeError, match=rf"^{name} is of type NoneType"):
        selective_scan(**make_arguments() | {name: None})


@pytest.mark.parametrize("name", ARGUMENTS)
def test_tensors_on_two_devices_are_refused_and_not_read(name):
    arguments = make_arguments(dtype=torch.float32)
    with pytest.raises(ValueError, match=r"is on (meta|cpu) but u is on (meta|cpu); move them to one device"):
        selective_scan(**arguments | {name: arguments[name].to("meta")})


def test_tensors_without_memory_have_the_results_shape():
    arguments = {name: value.to("meta") for name, value in make_arguments(dtype=torch.float32).items()}
    y, last = selective_scan(**arguments, return_last_state=True)
    assert (y.shape, last.shape, y.device.type) == ((2, 4, 5), (2, 4, 3), "meta")


WRONG_SHAPES = [
    ("u", (4, 5)),
    ("u", (2, 4, 5, 1)),
    ("delta", (2, 4, 6)),
    ("delta", (2, 4, 1)),
    ("delta", (4, 5)),
    ("delta", (1, 4, 5)),
    ("A", (3,)),
    ("A", (5, 3)),
    ("A", (2, 4, 3)),
    ("B", (4, 2)),
    ("B", (3, 4)),
    ("B", (2, 3, 6)),
    ("B", (2, 2, 5)),
    ("B", (2, 3, 3, 5)),  # 3 groups do not divide 4 channels
    ("B", (2, 0, 3, 5)),
    ("B", (2, 2, 3, 6)),
    ("B", (1, 2, 3, 5)),
    ("C", (3,)),
    ("C", (1, 3, 5)),
    ("C", (2, 8, 3, 5)),
    ("C", (2, 2, 4, 5)),
    ("D", (5,)),
    ("D", (4, 1)),
    ("D", ()),
    ("z", (2, 4, 1)),
    ("z", (1, 4, 5)),
    ("delta_bias", (1,)),
    ("delta_bias", (2, 4)),
]


@pytest.mark.parametrize(("name", "shape"), WRONG_SHAPES)
def test_a_wrong_shape_is_refused_by_name(name, shape):
    arguments = make_arguments() | {name: torch.zeros(shape, dtype=torch.float64)}
    with pytest.raises(ValueError, match=rf"^{name} has shape \({', '.join(map(str, shape))}"):
        selective_scan(**arguments)


def test_the_call_is_that_of_mamba_ssm():
    parameters = inspect.signature(selective_scan).parameters
    expected = {
        "u": inspect.Parameter.empty,
        "delta": inspect.Parameter.empty,
        "A": inspect.Parameter.empty,
        "B": inspect.Parameter.empty,
        "C": inspect.Parameter.empty,
        "D": None,
        "z": None,
        "delta_bias": None,
        "delta_softplus": False,
        "return_last_state": False,
        "backend": "auto",
    }
    assert {name: p.default for name, p in parameters.items()} == expected
    assert list(parameters) == list(expected)
    assert {name for name, p in parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY} == {"backend"}
    assert all(p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for n, p in parameters.items() if n != "backend")


def test_positional_arguments_arrive_where_they_belong():
    a = make_arguments()
    y, last = selective_scan(
        a["u"], a["delta"], a["A"], a["B"], a["C"], a["D"], a["z"], a["delta_bias"], True, True, backend="reference"
    )
    expected_y, expected_last = scan_by_loops(**to_numpy(a), delta_softplus=True)
    np.testing.assert_allclose(y.numpy(), expected_y, rtol=1e-10)
    np.testing.assert_allclose(last.numpy(), expected_last, rtol=1e-10)


def test_an_unknown_backend_is_an_error_that_says_what_there_is():
    with pytest.raises(BackendError, match=r"'abacus'.*auto.*reference"):
        selective_scan(**make_arguments(), backend="abacus")
