"""MACs from the layers' formulas against a run in which hooks count them."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from spectralmamba.models import count_costs, create_model, model_names
from spectralmamba.models.macs import MacCount

from .helpers import create_or_skip, random_input, skip_without_gradient

COUNTED = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)


def count_by_hooks(module, *inputs):
    """MACs of the module's convolutions and linear layers for the whole input."""
    total = 0

    def count(layer, _, output):
        nonlocal total
        fan_in = layer.in_features if isinstance(layer, nn.Linear) else math.prod(layer.weight.shape[1:])
        total += output.numel() * fan_in

    hooks = [layer.register_forward_hook(count) for layer in module.modules() if isinstance(layer, COUNTED)]
    with torch.no_grad():
        module(*inputs)
    for hook in hooks:
        hook.remove()
    return total


def count_of_one_sample(model):
    """Counted on a batch of three, so that a layer that works across samples would show."""
    total = count_by_hooks(model.eval(), random_input(model, 3))
    assert total % 3 == 0
    return total // 3


@st.composite
def model_options(draw):
    n_bands = draw(st.integers(1, 40))
    return {
        "n_bands": n_bands,
        "n_classes": draw(st.integers(2, 9)),
        "patch_size": draw(st.sampled_from([1, 3, 5])),
        "border": draw(st.sampled_from(["halo", "zero"])),
        "gssm": draw(st.sampled_from([True, True, False])),
        "layout": draw(st.sampled_from(["adjacent", "parallel"])),
        "piece_size": draw(st.integers(1, min(n_bands, 9))),
        "s6": draw(st.booleans()),
        "dim": draw(st.integers(1, 35)),
        "depth": draw(st.integers(1, 3)),
        "state_size": draw(st.integers(1, 17)),
        "expansion": draw(st.integers(1, 3)),
        "conv_size": draw(st.integers(1, 5)),
        "position": draw(st.sampled_from(["none", "learned"])),
        "pooling": draw(st.sampled_from(["flatten", "mean"])),
        "centre": draw(st.sampled_from([0.0, 0.7, 1.0])),
        "whitening": draw(st.sampled_from(["auto", "none"])),
    }


@given(model_options())
@settings(max_examples=50, deadline=None)
def test_macs_are_those_that_hooks_count(options):
    model = create_model("spectralmamba", **options)
    assert count_costs(model).macs == count_of_one_sample(model)


@given(model_options())
@settings(max_examples=30, deadline=None)
def test_dense_macs_count_a_halo_gate_once_a_pixel(options):
    model = create_model("spectralmamba", **options)
    costs = count_costs(model)
    if model.gssm is None or options["border"] == "zero":
        assert costs.macs_dense == costs.macs
        return
    height, width = 4, 6  # a dense pass over a scene with one pixel around it
    scene = torch.zeros(1, options["n_bands"], height + 2, width + 2)
    gate = nn.Sequential(model.gssm.depthwise, model.gssm.pointwise)
    in_patch = count_by_hooks(
        gate, random_input(model, 1)[:, :, : options["patch_size"] + 2, : options["patch_size"] + 2]
    )
    assert costs.macs - costs.macs_dense == in_patch - count_by_hooks(gate, scene) // (height * width)


@given(model_options())
@settings(max_examples=30, deadline=None)
def test_the_recurrence_is_counted_apart(options):
    """For each step, channel and state Δ·A, (Δu)·B, Ā·h and C·h; for each step and channel Δ·u and D·u."""
    costs = count_costs(create_model("spectralmamba", **options))
    length = -(-options["n_bands"] // options["piece_size"])
    channel_steps = options["depth"] * length * options["expansion"] * options["dim"]
    a_step = 4 * options["state_size"] + 2 if options["s6"] else 1
    assert costs.macs_with_scan - costs.macs == channel_steps * a_step


@pytest.mark.parametrize("patch_size", [1, 3])
@pytest.mark.parametrize("name", model_names())
def test_macs_of_every_registered_model(name, patch_size):
    model = create_or_skip(name, n_bands=23, n_classes=5, patch_size=patch_size)
    skip_without_gradient(model)
    for layer in model.modules():
        if isinstance(layer, nn.RNNBase | nn.RNNCellBase | nn.MultiheadAttention):
            pytest.skip(f"hooks do not see the products inside {type(layer).__name__}")
    assert count_costs(model).macs == count_of_one_sample(model)


def test_counts_add_up_kind_by_kind():
    assert MacCount(1, 2, 3) + MacCount(10, 20, 30) == MacCount(11, 22, 33)
    assert MacCount.same(7) == MacCount(patch=7, dense=7, scan=0)
