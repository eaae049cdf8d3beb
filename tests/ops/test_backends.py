"""Which backend a call runs on, and what a user is told about one that cannot run."""

import importlib.util

import pytest
import torch

from spectralmamba.errors import BackendError
from spectralmamba.ops import backends, selective_scan
from spectralmamba.ops.backends import BACKENDS, obstacle, pick_backend

from .helpers import make_arguments


@pytest.fixture
def forget():
    """Ask anew what can run, before and after."""

    def clear():
        backends.obstacle.cache_clear()
        backends._pick.cache_clear()

    clear()
    yield
    clear()


def without(monkeypatch, package):
    found = importlib.util.find_spec
    monkeypatch.setattr(backends, "find_spec", lambda name: None if name == package else found(name))


def test_the_names_are_those_of_the_contract():
    assert set(BACKENDS) == {"reference", "cpu", "gpu"}


def test_auto_takes_numba_on_a_cpu_and_the_reference_for_float64():
    assert pick_backend() == "cpu"
    assert pick_backend("auto", "cpu", True) == "reference"
    assert pick_backend("auto", "mps") == "reference"


@pytest.mark.parametrize(("u", "A", "state"), [(32, 32, 32), (64, 64, 64), (32, 64, 64), (64, 32, 64)])
def test_auto_computes_whatever_it_is_given(u, A, state):
    dtype = {32: torch.float32, 64: torch.float64}
    arguments = make_arguments(dtype=dtype[u])
    arguments["A"] = arguments["A"].to(dtype[A])
    y, last = selective_scan(**arguments, return_last_state=True)
    assert (y.dtype, last.dtype) == (dtype[u], dtype[state])


def test_without_numba_auto_is_the_reference_and_cpu_says_how_to_get_it(monkeypatch, forget):
    without(monkeypatch, "numba")
    assert pick_backend() == "reference"
    arguments = make_arguments(dtype=torch.float32)
    assert torch.equal(selective_scan(**arguments), selective_scan(**arguments, backend="reference"))
    with pytest.raises(
        BackendError, match=r"'cpu' cannot be used: Numba is not installed; python -m pip install numba"
    ):
        selective_scan(**arguments, backend="cpu")


def test_where_numba_cannot_compile_auto_does_not_fail(monkeypatch, forget):
    def fail(name):
        raise ValueError("no such processor\nand a second line")

    monkeypatch.setattr("spectralmamba.ops.cpu.compiled.kernel", fail)
    assert pick_backend() == "reference"
    with pytest.raises(BackendError, match=r"cannot compile its kernels here \(ValueError: no such processor"):
        pick_backend("cpu")


def test_with_numbas_compiler_switched_off_auto_is_the_reference(monkeypatch, forget):
    monkeypatch.setattr("numba.config.DISABLE_JIT", 1)
    assert pick_backend() == "reference"
    with pytest.raises(BackendError, match="'cpu' cannot be used: Numba's compiler is switched off; unset NUMBA_DIS"):
        pick_backend("cpu")


def test_without_triton_gpu_says_how_to_get_it(monkeypatch, forget):
    without(monkeypatch, "triton")
    with pytest.raises(BackendError, match=r"Triton is not installed; python -m pip install 'spectralmamba\[triton\]'"):
        pick_backend("gpu", "cuda")
    assert pick_backend("auto", "cuda") == "reference"


@pytest.mark.triton
def test_without_a_gpu_and_without_the_interpreter_gpu_says_so(monkeypatch, forget):
    monkeypatch.setattr(backends, "_interpreted", lambda: False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(BackendError, match=r"PyTorch finds no GPU; TRITON_INTERPRET=1"):
        pick_backend("gpu")
    assert pick_backend("auto", "cuda") == "reference"


def test_a_backend_asked_for_by_name_refuses_tensors_that_it_does_not_take():
    with pytest.raises(BackendError, match=r"'cpu' cannot be used: it keeps the state in float32.*'reference'"):
        selective_scan(**make_arguments(dtype=torch.float64), backend="cpu")
    with pytest.raises(BackendError, match=r"the tensors are on 'cuda'; move them to 'cpu', or use backend='auto'"):
        pick_backend("cpu", "cuda")


def test_nothing_keeps_the_reference_from_running():
    assert obstacle("reference") is None
    assert pick_backend("reference", "cuda", True) == "reference"
