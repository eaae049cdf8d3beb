"""GSSM: its gate, its sum, missing pixels and both borders."""

import pytest
import torch
from torch.nn import functional

from spectralmamba.models.gssm import GSSM


def random_gssm(n_bands=4, patch_size=3, border="halo"):
    torch.manual_seed(0)
    return GSSM(n_bands, patch_size, border).double()


def window(gssm, n=2, seed=0):
    draw = torch.Generator().manual_seed(seed)
    size = gssm.patch_size + 2 * (gssm.border == "halo")
    x = torch.randn(n, gssm.n_bands, size, size, generator=draw, dtype=torch.float64)
    return x, torch.ones(n, size, size, dtype=torch.bool)


@pytest.mark.parametrize("border", ["halo", "zero"])
@pytest.mark.parametrize("patch_size", [3, 5])
def test_merged_is_the_sum_of_the_gated_patch(border, patch_size):
    gssm = random_gssm(patch_size=patch_size, border=border)
    x, valid = window(gssm)
    merged, mask = gssm(x, valid)
    inside = x[:, :, 1:-1, 1:-1] if border == "halo" else x
    assert mask.shape == inside.shape == (2, 4, patch_size, patch_size)
    assert ((mask > 0) & (mask < 1)).all()
    torch.testing.assert_close(merged, (mask * inside).sum(dim=(2, 3)))


def test_a_halo_of_zeros_is_the_zero_border():
    halo, zero = random_gssm(), random_gssm(border="zero")
    x, valid = window(zero)
    with_halo = functional.pad(x, (1, 1, 1, 1))
    for part, other in zip(halo(with_halo, functional.pad(valid, (1, 1, 1, 1))), zero(x, valid), strict=True):
        torch.testing.assert_close(part, other)


def test_with_a_halo_a_pixels_gate_is_the_same_from_every_patch():
    gssm = random_gssm()
    scene = torch.randn(1, 4, 6, 6, dtype=torch.float64)
    valid = torch.ones(1, 5, 5, dtype=torch.bool)
    _, left = gssm(scene[..., 0:5, 0:5], valid)
    _, right = gssm(scene[..., 0:5, 1:6], valid)
    torch.testing.assert_close(left[..., 1:], right[..., :-1])


def test_with_a_zero_border_it_is_not():
    gssm = random_gssm(border="zero")
    scene = torch.randn(1, 4, 3, 4, dtype=torch.float64)
    valid = torch.ones(1, 3, 3, dtype=torch.bool)
    _, left = gssm(scene[..., 0:3], valid)
    _, right = gssm(scene[..., 1:4], valid)
    assert (left[..., 1:] - right[..., :-1]).abs().max() > 1e-3


@pytest.mark.parametrize("border", ["halo", "zero"])
def test_missing_pixels_are_left_out_and_made_up_for(border):
    gssm = random_gssm(border=border)
    x, valid = window(gssm, n=1)
    offset = int(border == "halo")
    for row, column in [(0, 0), (1, 2)]:
        valid[0, row + offset, column + offset] = False
    x = torch.where(valid[:, None], x, 0.0)
    merged, mask = gssm(x, valid)
    inside = x[:, :, 1:-1, 1:-1] if border == "halo" else x
    torch.testing.assert_close(merged, 9 / 7 * (mask * inside).sum(dim=(2, 3)))


def test_what_is_missing_in_the_halo_is_not_made_up_for():
    gssm = random_gssm()
    x, valid = window(gssm, n=1)
    complete, _ = gssm(x, valid)
    valid[0, 0, 0] = False
    torch.testing.assert_close(gssm(x, valid)[0], complete)


def test_a_window_without_data_stays_finite():
    gssm = random_gssm()
    x, valid = window(gssm)
    merged, _ = gssm(torch.zeros_like(x), torch.zeros_like(valid))
    assert torch.equal(merged, torch.zeros_like(merged))


def test_kernels_are_not_symmetric_so_turning_the_window_changes_the_result():
    gssm = random_gssm()
    x, valid = window(gssm)
    assert (gssm(x, valid)[0] - gssm(x.flip(3), valid)[0]).abs().max() > 1e-3
