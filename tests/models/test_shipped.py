"""Models that travel as bytes."""

import pickle

import numpy as np
import pytest
import torch

from spectralmamba.errors import RunError
from spectralmamba.labels import ClassTable
from spectralmamba.models import create_model
from spectralmamba.models.predictor import ModelPredictor
from spectralmamba.models.saved import save_predictor
from spectralmamba.models.shipped import ShippedModel
from spectralmamba.sampling.standardise import Standardiser

BANDS = 6


def predictor(seed: int = 0) -> ModelPredictor:
    torch.manual_seed(seed)
    model = create_model("spectralmamba", n_bands=BANDS, n_classes=3, dim=8).eval()
    scaling = Standardiser(np.zeros(BANDS, np.float32), np.ones(BANDS, np.float32))
    return ModelPredictor(model, scaling, np.arange(BANDS), np.full(BANDS, np.nan), ClassTable.from_numbers([1, 2, 3]))


@pytest.fixture
def run(tmp_path):
    save_predictor(predictor(), "spectralmamba", tmp_path)
    return tmp_path


def test_it_computes_the_same_where_it_arrives(run):
    sent = pickle.dumps(ShippedModel.read(run))
    for file in run.iterdir():
        file.unlink()  # workers do not see the run
    threads = torch.get_num_threads()
    try:
        arrived = pickle.loads(sent).load(1)  # noqa: S301
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(threads)
    window = np.random.default_rng(0).normal(size=(BANDS, 9, 9)).astype(np.float32)
    assert arrived.logits(window).tobytes() == predictor().logits(window).tobytes()


def test_the_digest_tells_models_and_devices_apart(run, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    save_predictor(predictor(1), "spectralmamba", other)
    shipped = [ShippedModel.read(run), ShippedModel.read(other), ShippedModel.read(run, "cuda")]
    assert len({model.digest for model in shipped}) == 3
    assert ShippedModel.read(run).digest == shipped[0].digest


def test_no_model_and_a_damaged_one_are_a_line(run, tmp_path):
    with pytest.raises(RunError, match="holds no trained model"):
        ShippedModel.read(tmp_path / "nothing")
    shipped = ShippedModel.read(run)
    shipped.files["model.safetensors"] = b"nonsense"
    with pytest.raises(RunError, match="damaged model"):
        shipped.load(torch.get_num_threads())


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_device_that_is_not_there_is_a_line(run):
    with pytest.raises(RunError, match="no device 'cuda'"):
        ShippedModel.read(run, "cuda").load(torch.get_num_threads())
