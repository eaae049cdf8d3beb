"""Attention and the encoder layer against their formulas."""

import math

import pytest
import torch
from torch.nn import functional

from spectralmamba.models.transformer import Attention, EncoderLayer

from .test_costs import count_by_hooks


def test_attention_is_softmax_of_scaled_products_head_by_head():
    torch.manual_seed(0)
    attention, tokens = Attention(6, 2, 5).double(), torch.randn(3, 7, 6, dtype=torch.float64)
    query, key, value = (tokens @ attention.projection.weight.T).split(10, dim=-1)
    heads = []
    for head in range(2):
        q, k, v = (part[..., 5 * head : 5 * head + 5] for part in (query, key, value))
        heads.append(torch.softmax(q @ k.transpose(1, 2) / math.sqrt(5), dim=-1) @ v)
    expected = torch.cat(heads, dim=-1) @ attention.output.weight.T + attention.output.bias
    torch.testing.assert_close(attention(tokens), expected)


def test_attention_does_not_know_the_order_of_tokens():
    torch.manual_seed(0)
    attention, tokens, order = Attention(6, 2, 5).double(), torch.randn(3, 7, 6).double(), torch.randperm(7)
    torch.testing.assert_close(attention(tokens[:, order]), attention(tokens)[:, order])


def test_a_layer_is_attention_then_perceptron_on_normed_tokens_added_to_them():
    torch.manual_seed(0)
    layer, tokens = EncoderLayer(6, 2, 5, 4).double(), torch.randn(3, 7, 6).double()
    h = tokens + layer.attention(functional.layer_norm(tokens, (6,)))
    first, _, second = layer.mlp
    expected = h + second(functional.gelu(first(functional.layer_norm(h, (6,)))))
    torch.testing.assert_close(layer(tokens), expected)


@pytest.mark.parametrize("length", [1, 9])
def test_products_of_attention_are_counted_with_the_scan(length):
    layer = EncoderLayer(6, 2, 5, 4)
    count = layer.macs(length)
    assert count.patch == count.dense == count_by_hooks(layer, torch.randn(1, length, 6))
    assert count.scan == 2 * (length * 5 * length) * 2  # two heads: queries with keys, weights with values
