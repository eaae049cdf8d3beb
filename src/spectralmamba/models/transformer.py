"""One layer of a transformer encoder, norm first (Vaswani et al. 2017, arXiv 1706.03762; Dosovitskiy et al. 2020)."""

from torch import Tensor, nn
from torch.nn import functional

from spectralmamba.models.macs import MacCount


class Attention(nn.Module):
    """Multi-head self-attention, (B, T, dim) -> (B, T, dim).

    Parameters
    ----------
    dim : int
        Width of a token.
    heads, head_size : int
        Number of heads and the width of each.
    """

    def __init__(self, dim: int, heads: int, head_size: int) -> None:
        super().__init__()
        self.dim, self.heads, self.head_size = dim, heads, head_size
        self.projection = nn.Linear(dim, 3 * heads * head_size, bias=False)
        self.output = nn.Linear(heads * head_size, dim)

    def forward(self, tokens: Tensor) -> Tensor:
        """Let every token attend to all."""
        parts = self.projection(tokens).unflatten(-1, (3, self.heads, self.head_size))  # (B, T, 3, heads, head_size)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # (B, heads, T, head_size) each
        attended = functional.scaled_dot_product_attention(query, key, value)
        mixed: Tensor = self.output(attended.transpose(1, 2).flatten(2))
        return mixed

    def macs(self, length: int) -> MacCount:
        """Count the projections, and in ``scan`` the products of queries with keys and of weights with values."""
        inner = self.heads * self.head_size
        linear = length * 4 * self.dim * inner
        return MacCount(patch=linear, dense=linear, scan=2 * length**2 * inner)


class EncoderLayer(nn.Module):
    """Attention and a two-layer perceptron with GELU, each on normed tokens and added to them.

    Parameters
    ----------
    dim, heads, head_size : int
        As in :class:`Attention`.
    mlp_size : int
        Hidden width of the perceptron.
    """

    def __init__(self, dim: int, heads: int, head_size: int, mlp_size: int) -> None:
        super().__init__()
        self.dim, self.mlp_size = dim, mlp_size
        self.attention_norm, self.mlp_norm = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attention = Attention(dim, heads, head_size)
        self.mlp = nn.Sequential(nn.Linear(dim, mlp_size), nn.GELU(), nn.Linear(mlp_size, dim))

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, T, dim) -> (B, T, dim)."""
        tokens = tokens + self.attention(self.attention_norm(tokens))
        return tokens + self.mlp(self.mlp_norm(tokens))  # type: ignore[no-any-return]

    def macs(self, length: int) -> MacCount:
        """Count attention and perceptron for ``length`` tokens."""
        return self.attention.macs(length) + MacCount.same(length * 2 * self.dim * self.mlp_size)
