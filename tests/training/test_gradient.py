"""Training in stages: variants are chosen on pixels held out, validation pixels calibrate and are then learned."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from spectralmamba.models import create_model
from spectralmamba.models.classifier import Classifier
from spectralmamba.models.macs import MacCount
from spectralmamba.models.mlp import MLPConfig
from spectralmamba.sampling.arrays import ArraySamples
from spectralmamba.sampling.joined import JoinedSamples, SomeSamples, centre_spectra
from spectralmamba.training.fitting import fit_and_calibrate
from spectralmamba.training.gradient import Parts
from spectralmamba.training.options import FEWEST, MOST, STEPS, TrainingOptions


class Picky(Classifier):
    """A linear model of which one variant sees nothing."""

    def __init__(self):
        super().__init__(MLPConfig(n_bands=4, n_classes=2, patch_size=1))
        self.layer = torch.nn.Linear(4, 2)
        self.register_buffer("gain", torch.ones(1))
        self.seen = []

    variants = ("blind", "seeing")

    def adapt(self, spectra, targets, variant):
        self.seen.append((variant, len(spectra), tuple(targets)))
        self.gain.fill_(float(variant == "seeing"))

    def forward(self, x):
        return self.layer(self.gain * x)

    def macs(self):
        return MacCount.same(8)


def samples(n, seed):
    draw = np.random.default_rng(seed)
    y = np.arange(n) % 2
    X = draw.normal(size=(n, 4)) + 4.0 * y[:, None]
    return ArraySamples(X.astype(np.float32), y.astype(np.int64))


OPTIONS = TrainingOptions(epochs=6, batch_size=16, learning_rate=0.1, noise=0.0, averaging=0.0)


def test_the_variant_that_does_better_on_pixels_held_out_is_taken():
    model = Picky()
    fitted = fit_and_calibrate(model, samples(60, 0), samples(20, 1), OPTIONS)
    assert fitted.facts["variant"] == "seeing"
    tried = fitted.facts["variants_held_out_accuracy"]
    assert tried["seeing"] > 0.8
    assert tried["blind"] < 0.7
    sizes = [(variant, n) for variant, n, _ in model.seen]
    assert {variant for variant, n in sizes[:6]} == {"blind", "seeing"}
    assert all(n < 80 for _, n in sizes[:6])
    assert sizes[6:] == [("seeing", 60), ("seeing", 80)]
    assert float(model.gain) == 1


def test_groups_are_held_out_whole():
    model = Picky()
    groups = np.arange(80) // 8
    fit_and_calibrate(model, samples(60, 0), samples(20, 1), OPTIONS, groups=groups)
    everything = JoinedSamples(samples(60, 0), samples(20, 1))
    for _, n, targets in model.seen[:6]:
        assert n % 8 == 0
        assert len(targets) == n
    assert len(everything.targets) == 80


def test_with_refit_the_last_epoch_of_all_pixels_is_kept_and_history_has_what_validation_said():
    model = create_model("mlp", n_bands=4, n_classes=2, patch_size=1)
    fitted = fit_and_calibrate(model, samples(60, 0), samples(20, 1), OPTIONS)
    assert fitted.facts["learned_validation"] is True
    assert fitted.facts["best_epoch"] == fitted.facts["epochs"] == 6
    assert "variant" not in fitted.facts
    assert len(fitted.history) == 6
    assert all(record.validation_accuracy is not None for record in fitted.history)
    assert 0.05 <= fitted.temperature <= 20


def test_without_refit_validation_pixels_select_and_are_not_learned():
    model = create_model("mlp", n_bands=4, n_classes=2, patch_size=1)
    fitted = fit_and_calibrate(model, samples(60, 0), samples(20, 1), replace(OPTIONS, refit=False))
    assert not fitted.facts.get("learned_validation", False)
    assert fitted.facts["selected_on"] == "validation loss"


def test_without_validation_pixels_nothing_is_calibrated():
    fitted = fit_and_calibrate(Picky(), samples(60, 0), None, OPTIONS)
    assert fitted.temperature == 1
    assert fitted.facts["variant"] == "seeing"
    assert fitted.facts["calibrated_on"] is None


def test_the_epochs_to_come_count_down_to_nothing():
    left = []
    fit_and_calibrate(Picky(), samples(60, 0), samples(20, 1), OPTIONS, on_epoch=lambda record, n: left.append(n))
    assert left == sorted(left, reverse=True)
    assert len(left) == len(set(left))
    assert left[-1] == 0


@pytest.mark.parametrize(("n", "epochs"), [(20, MOST), (10**6, FEWEST), (128 * 20, STEPS // 20)])
def test_epochs_follow_from_the_number_of_pixels(n, epochs):
    assert TrainingOptions(batch_size=128).for_samples(n).epochs == epochs
    assert TrainingOptions(epochs=7).for_samples(n).epochs == 7


def test_joined_and_some_samples_are_those_of_their_parts():
    one, other = samples(5, 0), samples(4, 1)
    joined = JoinedSamples(one, other)
    together = np.concatenate([one.values, other.values])
    order = np.array([8, 0, 5, 4, 4])
    np.testing.assert_array_equal(joined.batch(order), together[order])
    np.testing.assert_array_equal(joined.targets, np.concatenate([one.targets, other.targets]))
    some = SomeSamples(joined, np.array([7, 2]))
    np.testing.assert_array_equal(some.batch(np.array([1, 0])), together[[2, 7]])
    np.testing.assert_array_equal(centre_spectra(joined, at_once=2), together)


def test_the_way_of_standardising_that_classifies_what_is_held_out_is_taken():
    """One way shows nothing of the classes, another does, whichever comes first."""
    train, validation = samples(60, 0), samples(20, 1)
    blind = Parts(without_signal(train), without_signal(validation))
    for first, other, chosen in (
        (blind, Parts(train, validation), "other"),
        (Parts(train, validation), blind, ""),
    ):
        model = create_model("mlp", n_bands=4, n_classes=2, patch_size=1)
        fitted = fit_and_calibrate(model, *first, replace(OPTIONS, epochs=20), others={"other": other})
        assert fitted.standardised == chosen
        held_out = fitted.facts["variants_held_out_accuracy"]
        assert set(held_out) == {"", "other"}
        assert held_out[chosen] > 0.9
        assert fitted.facts.get("variant", "") == chosen


def test_ways_are_compared_with_the_variant_that_won():
    model = Picky()
    parts = Parts(samples(60, 0), samples(20, 1))
    fitted = fit_and_calibrate(model, *parts, OPTIONS, others={"other": parts})
    assert [variant for variant, _, _ in model.seen] == ["blind"] * 3 + ["seeing"] * 6 + ["seeing"] * 2
    assert fitted.standardised == ""  # the first of equals


def test_a_variant_that_needs_the_first_way_is_compared_with_no_other():
    class Needy(Picky):
        indifferent = ("blind",)

    model, left = Needy(), []
    parts = Parts(samples(60, 0), samples(20, 1))
    fitted = fit_and_calibrate(
        model, *parts, OPTIONS, others={"other": parts}, on_epoch=lambda record, n: left.append(n)
    )
    assert [variant for variant, _, _ in model.seen] == ["blind"] * 3 + ["seeing"] * 3 + ["seeing"] * 2
    assert set(fitted.facts["variants_held_out_accuracy"]) == {"blind", "seeing"}
    assert left[-1] == 0
    assert left == sorted(left, reverse=True)


def test_spectralmamba_does_without_logarithms_only_where_whitening_divides_by_the_spread_within_classes():
    def indifferent(**options):
        return create_model("spectralmamba", n_bands=12, n_classes=2, patch_size=1, **options).indifferent

    assert indifferent() == indifferent(whitening="full") == ("full",)
    assert indifferent(whitening="partial") == indifferent(whitening="none") == ()


def without_signal(some):
    return ArraySamples(np.zeros_like(some.values), some.targets)
