"""From logits to what a map holds: class numbers, confidences and probabilities."""

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import LabelError
from spectralmamba.mapping.predictor import Predictor

LARGEST_NUMBER = 65535  # a GeoTIFF's colour table goes no further


def map_dtype(predictor: Predictor) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
    """Choose the smallest type that holds the class numbers.

    Raises
    ------
    LabelError
        A class number is above 65535.
    """
    largest = max(predictor.classes.numbers)
    if largest > LARGEST_NUMBER:
        raise LabelError(f"class number {largest} does not fit into a map; renumber the classes within 1..65535")
    return np.dtype(np.uint8) if largest <= 255 else np.dtype(np.uint16)


def class_numbers(index: NDArray[np.int64], predictor: Predictor) -> NDArray[np.unsignedinteger]:
    """Turn class indices into the numbers of the class table; -1, no data, becomes 0."""
    lookup: NDArray[np.unsignedinteger] = np.array([*predictor.classes.numbers, 0], map_dtype(predictor))
    return lookup[index]


def classify(logits: NDArray[np.float32], temperature: float = 1.0) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Turn logits into a class index and its probability.

    Parameters
    ----------
    logits : ndarray, shape (K, h, w)
        NaN where there is no data.
    temperature : float
        Divides the logits.

    Returns
    -------
    index : ndarray of int64, shape (h, w)
        The class with the largest logit, the first of equals; -1 where there is no data.
    confidence : ndarray of float32, shape (h, w)
        Its softmax probability; NaN where there is no data.
    """
    valid, weights, index = _weights(logits, temperature)
    return np.where(valid, index, -1), np.where(valid, 1 / _total(weights), np.nan).astype(np.float32)


def probabilities(logits: NDArray[np.float32], temperature: float = 1.0) -> NDArray[np.float32]:
    """Turn logits (K, h, w) into softmax probabilities, likewise; NaN where there is no data.

    That of the class of a pixel is, to the last bit, the confidence that :func:`classify` gives.
    """
    valid, weights, _ = _weights(logits, temperature)
    shares = np.where(valid, weights / _total(weights), np.nan)
    return shares.astype(np.float32)


def _weights(
    logits: NDArray[np.float32], temperature: float
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.int64]]:
    """Where there is data (h, w); exp(logit − largest) of each class (K, h, w); the class with the largest (h, w)."""
    valid: NDArray[np.bool_] = np.asarray(np.isfinite(logits).all(axis=0))
    filled = np.where(valid, logits, 0).astype(np.float64) / temperature
    return valid, np.exp(filled - filled.max(axis=0)), filled.argmax(axis=0)


def _total(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    total = np.zeros(weights.shape[1:])
    for plane in weights:  # one class after the other, so that the order of the sum depends on nothing else
        total += plane
    return total
