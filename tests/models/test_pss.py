"""PSS against a formula for where each band goes."""

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spectralmamba.models.pss import PSS


def band_of(t, r, n_bands, piece_size, layout):
    """The band at place r of token t, by definition; past the end, the last one."""
    length = (n_bands + piece_size - 1) // piece_size
    band = t * piece_size + r if layout == "adjacent" else t + r * length
    return min(band, n_bands - 1)


@given(
    n_bands=st.integers(1, 300),
    piece_size=st.integers(1, 40),
    layout=st.sampled_from(["adjacent", "parallel"]),
    n=st.integers(1, 3),
)
@example(n_bands=145, piece_size=6, layout="adjacent", n=2)
@example(n_bands=145, piece_size=6, layout="parallel", n=2)
@example(n_bands=10, piece_size=6, layout="parallel", n=1)
@settings(max_examples=80, deadline=None)
def test_every_band_goes_where_the_formula_says(n_bands, piece_size, layout, n):
    piece_size = min(piece_size, n_bands)
    spectrum = torch.arange(n * n_bands).float().reshape(n, n_bands)
    length = (n_bands + piece_size - 1) // piece_size
    where = [[band_of(t, r, n_bands, piece_size, layout) for r in range(piece_size)] for t in range(length)]
    pieces = PSS(n_bands, piece_size, dim=1, layout=layout).pieces(spectrum)
    assert pieces.shape == (n, length, piece_size)
    assert torch.equal(pieces, spectrum[:, torch.tensor(where)])


@pytest.mark.parametrize("layout", ["adjacent", "parallel"])
def test_no_band_is_lost(layout):
    pieces = PSS(145, 6, dim=1, layout=layout).pieces(torch.arange(145.0)[None])
    assert pieces.unique().numel() == 145
    assert (pieces == 144).sum() == 6  # the last, and five times as padding


@pytest.mark.parametrize("layout", ["adjacent", "parallel"])
def test_pieces_of_one_are_the_spectrum_itself(layout):
    spectrum = torch.randn(3, 17)
    assert torch.equal(PSS(17, 1, dim=1, layout=layout).pieces(spectrum)[..., 0], spectrum)


def test_tokens_are_one_linear_map_of_the_pieces():
    pss = PSS(11, 4, dim=5)
    spectrum = torch.randn(2, 11)
    expected = torch.einsum("blr,dr->bld", pss.pieces(spectrum), pss.embedding.weight) + pss.embedding.bias
    torch.testing.assert_close(pss(spectrum), expected)
    assert pss(spectrum).shape == (2, 3, 5)
