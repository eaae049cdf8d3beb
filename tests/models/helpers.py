"""Models with random weights and what goes with them."""

import inspect

import numpy as np
import pytest
import torch
from torch import nn

from spectralmamba.errors import ConfigError
from spectralmamba.labels import ClassTable
from spectralmamba.models import create_model
from spectralmamba.models.predictor import ModelPredictor
from spectralmamba.sampling.standardise import Standardiser

LOGIT_SPREAD = 4.0


def random_model(name="spectralmamba", seed=0, **options):
    """A model in which every parameter, biases and norms too, is away from its initial value; logits of order 4.

    One without parameters is fitted to noise.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = create_model(name, **options).eval()
        if not model.trained_by_gradient:
            return fitted_to_noise(model, seed)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.2 * torch.randn_like(parameter))
            whitening = getattr(model, "whitening", None)
            if whitening is not None:  # any symmetric matrix will do
                change = 0.1 * torch.randn_like(whitening.matrix)
                whitening.matrix.add_(change + change.T)
            spread = model(random_input(model, 64, seed)).std().clamp(min=0.5)
            for layer in [layer for layer in model.modules() if isinstance(layer, nn.Linear)][-1:]:
                for parameter in layer.parameters():
                    parameter.mul_(LOGIT_SPREAD / spread)
    return model


def random_input(model, n, seed=0, missing=0.0):
    """Standardised samples as the model wants them; ``missing`` is the share of neighbours without data."""
    draw = np.random.default_rng(seed)
    size = 2 * model.radius + 1
    shape = (n, model.config.n_bands) if size == 1 else (n, model.config.n_bands, size, size)
    values = draw.normal(size=shape).astype(np.float32)
    if size > 1:
        gone = draw.random((n, size, size)) < missing
        gone[:, size // 2, size // 2] = False
        values[np.broadcast_to(gone[:, None], shape)] = np.nan
    return torch.from_numpy(values)


def create_or_skip(name, **options):
    """A registered model, or a skipped test where it says that it has no such form."""
    try:
        return create_model(name, **options)
    except ConfigError as error:
        pytest.skip(str(error))


def fitted_to_noise(model, seed=0):
    """The model of scikit-learn, after learning random classes from random samples."""
    if model.trained_by_gradient:
        return model
    rows = model.features(random_input(model, 20 * model.n_classes, seed).numpy())
    estimator = model.make_estimator(model.candidates()[0], seed, "none")
    model.estimator = estimator.fit(rows, np.arange(len(rows)) % model.n_classes)
    return model


def skip_without_gradient(model):
    if not model.trained_by_gradient:
        pytest.skip("it is fitted at once: no gradient reaches it, and it has no weights before")


def takes_internals(model):
    return "return_internals" in inspect.signature(model.forward).parameters


def make_predictor(model, seed=0, n_extra_bands=0, temperature=1.0, floor=None):
    """The model behind a standardiser, for scenes with ``n_extra_bands`` bands that it leaves out.

    With a ``floor`` it standardises logarithms.
    """
    draw = np.random.default_rng(seed)
    n_bands, n_classes = model.config.n_bands, model.config.n_classes
    standardiser = Standardiser(
        draw.uniform(0.1, 0.5, n_bands).astype(np.float32) - (0 if floor is None else np.float32(1.5)),
        draw.uniform(0.05, 0.3, n_bands).astype(np.float32) * (1 if floor is None else np.float32(3)),
        floor,
    )
    bands = np.sort(draw.permutation(n_bands + n_extra_bands)[:n_bands])
    wavelengths = np.linspace(400, 2500, n_bands + n_extra_bands)
    classes = ClassTable.from_numbers(range(1, n_classes + 1))
    return ModelPredictor(model, standardiser, bands, wavelengths, classes, temperature)


def same_bits(a, b):
    """Equal to the last bit, signs of zeros and payloads of NaN included."""
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def numpy_weights(model):
    return {name: value.numpy() for name, value in model.state_dict().items()}
