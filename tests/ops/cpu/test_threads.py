"""Results do not depend on threads: on how many, on whose, or on what other threads compute meanwhile."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from spectralmamba.ops import selective_scan
from spectralmamba.ops.cpu import call, pool, scan
from tests.ops.helpers import differentiate, make_arguments


@pytest.fixture
def set_threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.fixture
def worth_it(monkeypatch):
    """Any work is worth another thread."""
    monkeypatch.setattr(call, "WORTH_A_THREAD", 1e-12)
    scan._plan.cache_clear()
    yield
    scan._plan.cache_clear()


def case(B="variable", C="variable", batch=37, dim=36):
    arguments = make_arguments(B, C, batch=batch, dim=dim, length=70, state=6, dtype=torch.float32)
    draw = torch.Generator().manual_seed(1)
    return arguments, torch.randn(batch, dim, 70, generator=draw), torch.randn(batch, dim, 6, generator=draw)


def same(results, expected):
    return all(torch.equal(results[name], value) for name, value in expected.items())


@pytest.mark.parametrize(("B", "C"), [("variable", "variable"), ("grouped", "constant"), ("constant", "grouped")])
@pytest.mark.parametrize(("batch", "dim"), [(37, 36), (1, 100), (3, 2)])
def test_the_number_of_threads_changes_no_bit(B, C, batch, dim, set_threads, worth_it):
    arguments, grad_y, grad_last = case(B, C, batch, dim)
    results = []
    for n in (1, 2, 5):
        set_threads(n)
        results.append(differentiate(arguments, "cpu", grad_y=grad_y, grad_last_state=grad_last))
    assert same(results[1], results[0])
    assert same(results[2], results[0])


def test_a_sequence_does_not_depend_on_its_batch(set_threads, worth_it):
    arguments, _, _ = case()
    everything = selective_scan(**arguments, delta_softplus=True, backend="cpu")
    some = {name: value[5:6] if value.shape[0] == 37 else value for name, value in arguments.items()}
    assert torch.equal(selective_scan(**some, delta_softplus=True, backend="cpu"), everything[5:6])


def test_without_openmp_plain_threads_give_the_same(monkeypatch, set_threads, worth_it):
    arguments, grad_y, grad_last = case()
    set_threads(3)
    expected = differentiate(arguments, "cpu", grad_y=grad_y, grad_last_state=grad_last)
    monkeypatch.setattr(pool, "_openmp", lambda: None)
    assert pool.describe() == "3 Python threads"
    assert same(differentiate(arguments, "cpu", grad_y=grad_y, grad_last_state=grad_last), expected)


# So small that PyTorch's own operations stay on one thread: on several they wait for ever in the child.
FORK = """
import os, signal, sys, torch
from spectralmamba.ops import selective_scan
from spectralmamba.ops.cpu import call
from tests.ops.cpu.test_threads import case
torch.set_num_threads(2)
call.WORTH_A_THREAD = 1e-12
arguments, grad_y, _ = case(batch=8)
u = arguments.pop("u").requires_grad_()
def run():
    y = selective_scan(u, **arguments, delta_softplus=True, backend="cpu")
    return y, *torch.autograd.grad(y, u, grad_y)
before = run()
child = os.fork()
if child == 0:
    signal.alarm(30)
    os._exit(0 if all(map(torch.equal, run(), before)) else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_a_forked_process_does_not_wait_for_threads_that_it_does_not_have():
    assert subprocess.run([sys.executable, "-c", FORK], timeout=60, check=False).returncode == 0


def test_the_threads_are_those_of_pytorch():
    assert pool.describe() == f"PyTorch's own {torch.get_num_threads()} threads (OpenMP)"


def test_fewer_threads_than_planned_finish_the_work(monkeypatch, set_threads, worth_it):
    arguments, grad_y, grad_last = case()
    set_threads(4)
    expected = differentiate(arguments, "cpu", grad_y=grad_y, grad_last_state=grad_last)
    monkeypatch.setattr(call, "run", lambda kernel, job, n: pool.run(kernel, job, 1))
    assert same(differentiate(arguments, "cpu", grad_y=grad_y, grad_last_state=grad_last), expected)


def test_several_callers_at_once():
    cases = [case(batch=batch) for batch in (1, 2, 9, 37)]
    expected = [differentiate(a, "cpu", grad_y=g, grad_last_state=h) for a, g, h in cases]

    def run(i):
        arguments, grad_y, grad_last = cases[i % 4]
        results = differentiate(arguments, "cpu", grad_y=grad_y, grad_last_state=grad_last)
        return same(results, expected[i % 4])

    with ThreadPoolExecutor(4) as executor:
        assert all(executor.map(run, range(40)))
