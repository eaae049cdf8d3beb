"""A predictor prepares its dense evaluation once, follows its weights, and can be copied and sent elsewhere."""

import copy
import pickle
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from spectralmamba.models.inference import dense_keeper
from tests.models.helpers import make_predictor, random_model, same_bits

OPTIONS = {"n_bands": 7, "n_classes": 3, "piece_size": 2, "dim": 4, "state_size": 2}


@pytest.fixture
def prepared(monkeypatch):
    """Counts what is prepared."""
    made = []
    real = dense_keeper.dense_evaluation
    monkeypatch.setattr(dense_keeper, "dense_evaluation", lambda *given: made.append(given) or real(*given))
    return made


@pytest.fixture
def window():
    return np.random.default_rng(0).uniform(0, 1, (7, 9, 10)).astype(np.float32)


def test_prepared_once(prepared, window):
    predictor = make_predictor(random_model(**OPTIONS))
    first = predictor.logits(window)
    assert same_bits(predictor.logits(window), first)
    assert len(prepared) == 1


@pytest.mark.parametrize(
    "name", ["gssm.depthwise.weight", "gssm.pointwise.bias", "whitening.matrix", "head.classifier.weight"]
)
def test_weights_that_change_are_noticed(name, prepared, window):
    predictor = make_predictor(random_model(**OPTIONS))
    before = predictor.logits(window)
    with torch.no_grad():
        predictor.model.state_dict()[name].mul_(1.5)
    after = predictor.logits(window)
    assert not np.array_equal(after, before)
    assert same_bits(make_predictor(predictor.model).logits(window), after)
    other = random_model(**OPTIONS, seed=4)
    predictor.model.load_state_dict(other.state_dict())
    assert same_bits(predictor.logits(window), make_predictor(other).logits(window))


def test_a_parameter_put_in_place_of_another_is_noticed(window):
    predictor = make_predictor(random_model(**OPTIONS))
    before = predictor.logits(window)
    gate = predictor.model.gssm.pointwise
    gate.bias = torch.nn.Parameter(gate.bias.detach() + 1)
    assert not np.array_equal(predictor.logits(window), before)


def test_weights_whose_changes_are_not_counted_are_read_each_time(prepared, window):
    with torch.inference_mode():
        predictor = make_predictor(random_model(**OPTIONS))
        predictor.model.gssm.pointwise.bias.data = torch.zeros(7)
        before = predictor.logits(window)
        for parameter in predictor.model.parameters():
            parameter.mul_(1.1)
        assert not np.array_equal(predictor.logits(window), before)


@pytest.mark.parametrize("way", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))], ids=["copied", "sent"])  # noqa: S301
def test_a_predictor_in_use_can_be_copied_and_sent(way, window):
    predictor = make_predictor(random_model(**OPTIONS))
    expected = predictor.logits(window)
    size = len(pickle.dumps(make_predictor(random_model(**OPTIONS))))
    assert abs(len(pickle.dumps(predictor)) - size) < 100  # no workspace goes with it
    assert same_bits(way(predictor).logits(window), expected)


def test_several_callers_at_once(window):
    predictor = make_predictor(random_model(**OPTIONS))
    windows = [window[:, : 5 + i % 5, : 6 + i % 3] for i in range(24)]
    expected = [make_predictor(predictor.model).logits(w) for w in windows]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(predictor.logits, windows))
    assert all(same_bits(a, b) for a, b in zip(found, expected, strict=True))


def test_memory_beside_the_window_is_modest(threads):
    """A tile of 256×256 pixels and 145 bands takes 37 MiB; its patches would take 940."""
    threads(2)
    predictor = make_predictor(random_model(n_bands=145, n_classes=15), floor=0.01)
    window = np.random.default_rng(0).random((145, 260, 260), np.float32)
    predictor.logits(window[:, :20, :20])
    tracemalloc.start()
    predictor.logits(window)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30 * 2**20
