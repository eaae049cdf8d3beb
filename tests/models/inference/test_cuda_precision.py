"""Flags of the process that decide how exact a GPU computes: set for a while, and back as they were."""

from contextlib import suppress

import pytest
import torch

from spectralmamba.models.inference.cuda_precision import exact_float32

matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn


@pytest.fixture(autouse=True)
def flags_as_before():
    yield
    torch.set_float32_matmul_precision("highest")
    matmul.fp32_precision = "none"
    cudnn.enabled = True


@pytest.mark.parametrize("set_by", ["nobody", "older interface", "newer interface"])
@pytest.mark.filterwarnings("ignore:Please use the new API")
def test_within_it_is_exact_and_behind_it_as_before(set_by):
    if set_by == "older interface":
        torch.set_float32_matmul_precision("high")
    elif set_by == "newer interface":
        matmul.fp32_precision = "tf32"
    before = matmul.fp32_precision
    with suppress(KeyError), exact_float32():
        assert matmul.allow_tf32 is False  # PyTorch refuses to say, and to compute, where its interfaces disagree
        assert matmul.fp32_precision == "ieee"
        assert cudnn.enabled is False
        raise KeyError
    assert matmul.fp32_precision == before
    assert cudnn.enabled is True
    if set_by == "older interface":
        assert torch.get_float32_matmul_precision() == "high"


def test_within_itself():
    with exact_float32():
        with exact_float32():
            pass
        assert cudnn.enabled is False
    assert cudnn.enabled is True


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
@pytest.mark.filterwarnings("ignore:Please use the new API")
def test_products_on_a_gpu_are_exact():
    torch.set_float32_matmul_precision("high")
    a = torch.randn(512, 512, device="cuda")
    exact = (a.double() @ a.double()).float()
    with exact_float32():
        assert (a @ a - exact).abs().max() < 1e-4 * exact.abs().max()
        inside = (a @ a - exact).abs().max()
    assert inside < (a @ a - exact).abs().max()
