"""The loop: determinism, selection, and what it does with its options."""

import numpy as np
import pytest
import torch

from spectralmamba.errors import ConfigError, RunError
from spectralmamba.models import create_model
from spectralmamba.sampling.arrays import ArraySamples, hold_out
from spectralmamba.training.calibration import fit_temperature
from spectralmamba.training.loop import fit, history_csv
from spectralmamba.training.options import TrainingOptions
from spectralmamba.training.train import seeded_model

CPU = torch.device("cpu")


def problem(n: int = 96, bands: int = 12, size: int | None = None, seed: int = 0) -> ArraySamples:
    """Two classes told apart by one band."""
    rng = np.random.default_rng(seed)
    shape = (n, bands) if size is None else (n, bands, size, size)
    values = rng.normal(size=shape).astype(np.float32)
    centre = values[:, 2] if size is None else values[:, 2, size // 2, size // 2]
    return ArraySamples(values, (centre > 0).astype(np.int64))


def trained(options: TrainingOptions, patch_size: int = 1, validation: ArraySamples | None = None):
    size = None if patch_size == 1 else patch_size + 2
    model = seeded_model("spectralmamba", {"n_bands": 12, "n_classes": 2, "patch_size": patch_size}, options.seed, CPU)
    result = fit(model, problem(size=size), validation, options)
    return model, result


def weights(model) -> bytes:
    return b"".join(v.numpy().tobytes() for v in model.state_dict().values())


@pytest.mark.parametrize("patch_size", [1, 3])
def test_same_seed_gives_the_same_bits_and_another_does_not(patch_size):
    options = TrainingOptions(epochs=2, batch_size=16)
    first, again = trained(options, patch_size)[0], trained(options, patch_size)[0]
    other = trained(TrainingOptions(epochs=2, batch_size=16, seed=1), patch_size)[0]
    assert weights(first) == weights(again)
    assert weights(first) != weights(other)


def test_the_number_of_threads_outside_does_not_show(monkeypatch):
    options = TrainingOptions(epochs=2, batch_size=16)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = weights(trained(options)[0])
        torch.set_num_threads(2)
        two = weights(trained(options)[0])
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert one == two


def test_training_neither_reads_nor_moves_the_global_generators():
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002 - the global generator is what is tested
    expected = torch.rand(3), np.random.rand(3)  # noqa: NPY002
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    first = weights(trained(TrainingOptions(epochs=1))[0])
    assert torch.equal(torch.rand(3), expected[0])
    assert np.array_equal(np.random.rand(3), expected[1])  # noqa: NPY002
    torch.manual_seed(99)
    assert weights(trained(TrainingOptions(epochs=1))[0]) == first


def test_it_learns():
    model, result = trained(TrainingOptions(epochs=30, batch_size=16, noise=0.0, weight_decay=0.01))
    assert result.history[-1].train_loss < 0.75 * result.history[0].train_loss
    fresh = problem(seed=1)
    with torch.no_grad():
        accuracy = (model(torch.from_numpy(fresh.values)).argmax(1).numpy() == fresh.targets).mean()
    assert accuracy > 0.85


def test_the_epoch_with_the_least_validation_loss_is_kept():
    validation = problem(40, seed=3)
    model, result = trained(TrainingOptions(epochs=8, batch_size=16, patience=0), validation=validation)
    losses = [record.validation_loss for record in result.history]
    assert result.best_epoch == int(np.argmin(losses)) + 1
    model.eval()
    with torch.inference_mode():
        logits = model(torch.from_numpy(validation.values))
        loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(validation.targets)).item()
    assert loss == pytest.approx(min(losses), rel=1e-5)


def test_without_validation_the_last_epoch_is_kept():
    _, result = trained(TrainingOptions(epochs=3, patience=1))
    assert (result.best_epoch, result.stopped_early, len(result.history)) == (3, False, 3)
    assert result.history[0].validation_loss is None


def test_patience_ends_a_run_that_gets_no_better():
    noise = problem(60, seed=4)
    wrong = ArraySamples(noise.values, 1 - noise.targets)  # whatever is learned makes this worse
    _, result = trained(TrainingOptions(epochs=40, batch_size=16, patience=4), validation=wrong)
    assert result.stopped_early
    assert len(result.history) == result.best_epoch + 4


def test_a_single_step_in_all_is_possible():
    options = TrainingOptions(epochs=1, batch_size=1000)
    _, result = trained(options)
    assert len(result.history) == 1


def test_balanced_weights_raise_the_rare_class():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(300, 12)).astype(np.float32)
    targets = (rng.random(300) < 0.1).astype(np.int64)
    values[targets == 1] += 0.3
    shares = {}
    for kind in ("none", "balanced"):
        model = seeded_model("spectralmamba", {"n_bands": 12, "n_classes": 2, "patch_size": 1}, 0, CPU)
        fit(model, ArraySamples(values, targets), None, TrainingOptions(epochs=6, class_weights=kind))
        with torch.no_grad():
            shares[kind] = model(torch.from_numpy(values)).argmax(1).double().mean().item()
    assert shares["balanced"] > shares["none"] + 0.1


def test_gradient_clipping_changes_what_is_learned():
    free = weights(trained(TrainingOptions(epochs=1, gradient_clip=0.0))[0])
    assert free != weights(trained(TrainingOptions(epochs=1, gradient_clip=1e-3))[0])


def test_a_loss_that_explodes_is_an_error_and_not_a_model():
    samples = problem()
    samples.values[0] = np.inf
    model = create_model("spectralmamba", n_bands=12, n_classes=2, patch_size=1)
    with pytest.raises(RunError, match="no longer finite"):
        fit(model, samples, None, TrainingOptions(epochs=1))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("batch_size", 0),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("weight_decay", -1.0),
        ("noise", -0.1),
        ("noise", float("nan")),
        ("label_smoothing", 1.0),
        ("class_weights", "sqrt"),
        ("gradient_clip", -1.0),
        ("averaging", 1.0),
        ("patience", -1),
        ("threads", 0),
        ("seed", -1),
    ],
)
def test_impossible_options_are_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=name.replace("_", " ")):
        TrainingOptions(**{name: value})


def test_history_is_one_row_an_epoch():
    _, result = trained(TrainingOptions(epochs=2))
    lines = history_csv(result.history).splitlines()
    assert lines[0] == "epoch,learning_rate,train_loss,validation_loss,validation_accuracy,seconds"
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2"]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_calibration_finds_the_temperature_that_was_put_in(temperature):
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=2, size=(20000, 4))
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    targets = (probabilities.cumsum(1) > rng.random((20000, 1))).argmax(1)
    found = fit_temperature((logits * temperature).astype(np.float32), targets)
    assert found == pytest.approx(temperature, rel=0.05)


def test_a_few_right_answers_do_not_make_certain():
    """Forty of forty right: the confidence that this supports is about 41/42, not 1."""
    rng = np.random.default_rng(0)
    targets = rng.integers(3, size=40)
    logits = (3 + rng.random((40, 1))) * np.eye(3)[targets]
    scaled = logits / fit_temperature(logits.astype(np.float32), targets)
    confidence = (np.exp(scaled) / np.exp(scaled).sum(1, keepdims=True)).max(1).mean()
    assert confidence == pytest.approx(41 / 42, abs=0.01)


def test_hold_out_takes_a_share_of_each_class_and_never_a_whole_one():
    targets = np.repeat([0, 1, 2], [50, 10, 1])
    held = hold_out(targets, 0.2, seed=0)
    assert [int(held[targets == k].sum()) for k in range(3)] == [10, 2, 0]
    assert not hold_out(targets, 0.0, seed=0).any()
