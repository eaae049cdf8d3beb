"""A model that is nothing like SpectralMamba goes through the same training and mapping."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from spectralmamba.mapping import predict_scene
from spectralmamba.models import create_model, registry
from spectralmamba.models.classifier import Classifier
from spectralmamba.models.macs import MacCount
from spectralmamba.models.saved import load_predictor
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.training import RunConfig, TrainingOptions, train
from tests.small import labelled, simulated


@dataclass(frozen=True)
class CentreConfig:
    n_bands: int
    n_classes: int
    patch_size: int = 3

    @property
    def radius(self) -> int:
        return self.patch_size // 2


class Centre(Classifier):
    """A linear layer on the centre of the patch."""

    def __init__(self, config: CentreConfig) -> None:
        super().__init__(config)
        self.linear = nn.Linear(config.n_bands, config.n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        centre = x.shape[-1] // 2
        return self.linear(x if x.ndim == 2 else x[:, :, centre, centre])

    def macs(self) -> MacCount:
        return MacCount.same(self.config.n_bands * self.config.n_classes)


def test_it_trains_saves_and_maps(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_MODELS", dict(registry._MODELS))
    registry.register_model("centre", CentreConfig)(Centre)
    assert isinstance(create_model("centre", n_bands=4, n_classes=2), Centre)
    config = RunConfig(model="centre", training=TrainingOptions(epochs=25), split=SplitOptions(recipe="random"))
    run, predictor, prepared = train(labelled(), tmp_path / "run", config)
    assert prepared.radius == 1
    classes, _ = predict_scene(load_predictor(run.path), simulated()[0])
    own = prepared.split.scenes["small"].train.values
    assert (classes == own)[own > 0].mean() > 0.6
    assert np.array_equal(classes, predict_scene(predictor, simulated()[0])[0])
