"""Random scenes with everything that can be missing, their logits by the oracle, and what may differ from them."""

import numpy as np

from spectralmamba.models.oracle import oracle_logits
from spectralmamba.sampling.windows import read_window
from spectralmamba.scenes.contract import make_scene

from .helpers import numpy_weights


def random_scene(predictor, shape, seed, missing):
    """A scene with pixels missing in all bands, in one, by an infinite value, and by the user's mask."""
    draw = np.random.default_rng(seed)
    n_bands = len(predictor.scene_wavelengths)
    cube = draw.uniform(0, 0.8, (n_bands, *shape)).astype(np.float32)
    kind = np.where(draw.random(shape) < missing, draw.integers(1, 5, shape), 0)
    cube[:, kind == 1] = np.nan
    band = draw.integers(0, n_bands)
    cube[band, kind == 2] = np.nan
    cube[band, kind == 3] = np.inf
    scene = make_scene(cube, name="scene", source="test", wavelength=predictor.scene_wavelengths)
    scene = scene.assign_coords(excluded=(("y", "x"), kind == 4))
    cube[:, kind == 4] = np.nan
    return scene, cube[predictor.bands]


def logits_by_oracle(predictor, cube):
    config, weights = predictor.model.config, numpy_weights(predictor.model)
    scaling = predictor.standardiser
    result = np.empty((config.n_classes, *cube.shape[1:]))
    for row, column in np.ndindex(*cube.shape[1:]):
        result[:, row, column] = oracle_logits(
            cube, row, column, weights, config, scaling.mean, scaling.std, scaling.floor
        )
    return result


def assert_equal_to(expected, logits):
    """To 1e-5 · max(1, max|logit|) for each pixel; NaN in the same places."""
    assert np.array_equal(np.isnan(logits), np.isnan(expected))
    valid = ~np.isnan(expected[0])
    error = np.abs(logits - expected)[:, valid].max(axis=0, initial=0)
    allowed = 1e-5 * np.maximum(1, np.abs(expected[:, valid]).max(axis=0, initial=0))
    assert (error <= allowed).all(), f"{(error / allowed).max():.2f} times the allowed error"


def window_logits(predictor, scene, rows, columns):
    return predictor.logits(read_window(scene, rows, columns, predictor.radius, predictor.bands))
