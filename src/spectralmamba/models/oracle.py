"""One pixel's logits straight from the definitions: NumPy, float64, plain loops, and nothing shared with the model.

Patch inference, dense inference, exports and every backend are tested against it. Where it and another implementation
differ, this one is right, or the definition is.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spectralmamba.models.config import SpectralMambaConfig

Array = NDArray[np.float64]


def oracle_logits(
    scene: NDArray[np.floating],
    row: int,
    column: int,
    weights: Mapping[str, NDArray[np.floating]],
    config: SpectralMambaConfig,
    mean: NDArray[np.floating],
    std: NDArray[np.floating],
    floor: float | None = None,
) -> Array:
    """Compute the logits of one pixel of a scene.

    Parameters
    ----------
    scene : ndarray, shape (C, H, W)
        The model's bands, raw values, NaN where missing.
    row, column : int
        The pixel.
    weights : mapping of str to ndarray
        ``state_dict`` of the :class:`spectralmamba.models.SpectralMamba`.
    config : SpectralMambaConfig
        Its configuration.
    mean, std : ndarray, shape (C,)
        Standardisation.
    floor : float, optional
        With it the logarithm is taken first, of values at least as large.

    Returns
    -------
    ndarray, shape (K,)
        NaN where the pixel itself is invalid.
    """
    w = {name: np.asarray(value, np.float64) for name, value in weights.items()}
    if not np.isfinite(scene[:, row, column]).all():
        return np.full(config.n_classes, np.nan)
    logarithms = scene.astype(np.float64) if floor is None else np.log(np.maximum(scene.astype(np.float64), floor))
    values, valid = _window(logarithms, row, column, config.radius, mean, std)
    spectrum = values[:, config.radius, config.radius]
    if config.uses_neighbours:
        merged = _merge(values, valid, w, config)
        spectrum = merged if config.centre == 0 else config.centre * spectrum + config.merged_weight * merged
    if "whitening.matrix" in w:
        spectrum = w["whitening.matrix"] @ spectrum
    tokens = _tokens(spectrum, config) @ w["pss.embedding.weight"].T + w["pss.embedding.bias"]
    tokens = tokens + _position(w, config)
    for i in range(config.depth):
        block = {name.removeprefix(f"blocks.{i}."): v for name, v in w.items() if name.startswith(f"blocks.{i}.")}
        tokens = tokens + _block(tokens, block, config)
    tokens = _layer_norm(tokens, w["head.norm.weight"], w["head.norm.bias"])
    pooled = tokens.ravel() if config.pooling == "flatten" else tokens.mean(axis=0)
    return w["head.classifier.weight"] @ pooled + w["head.classifier.bias"]


def _reflect(index: int, size: int) -> int:
    """Bounce an index at the first and the last pixel, as often as it takes, without repeating them."""
    while not 0 <= index < size:
        if size == 1:
            return 0
        index = -index if index < 0 else 2 * (size - 1) - index
    return index


def _window(
    scene: NDArray[np.floating],
    row: int,
    column: int,
    radius: int,
    mean: NDArray[np.floating],
    std: NDArray[np.floating],
) -> tuple[Array, NDArray[np.bool_]]:
    """x̃ (C, S, S) and v (S, S): the scene and its validity reflected at its edge, standardised, 0 where missing."""
    n_bands, height, width = scene.shape
    size = 2 * radius + 1
    values, valid = np.zeros((n_bands, size, size)), np.zeros((size, size), bool)
    for i in range(size):
        for j in range(size):
            pixel = scene[:, _reflect(row + i - radius, height), _reflect(column + j - radius, width)]
            if np.isfinite(pixel).all():
                valid[i, j] = True
                values[:, i, j] = (pixel.astype(np.float64) - mean) / std
    return values, valid


def _merge(values: Array, valid: NDArray[np.bool_], w: dict[str, Array], config: SpectralMambaConfig) -> Array:
    """Merged spectrum (C): (P² / Σ v) · Σ v · mask · x̃ over the window."""
    size, offset = config.patch_size, int(config.border == "halo")
    padded = np.pad(values, ((0, 0), (1, 1), (1, 1)))  # zeros: read only with the zero border
    total, count = np.zeros(config.n_bands), 0
    for i in range(offset, size + offset):
        for j in range(offset, size + offset):
            if not valid[i, j]:
                continue
            around = padded[:, i : i + 3, j : j + 3]  # the 3×3 neighbourhood of (i, j)
            depthwise = (w["gssm.depthwise.weight"][:, 0] * around).sum(axis=(1, 2)) + w["gssm.depthwise.bias"]
            gate = w["gssm.pointwise.weight"][:, :, 0, 0] @ depthwise + w["gssm.pointwise.bias"]
            total += values[:, i, j] / (1 + np.exp(-gate))
            count += 1
    return size**2 / count * total


def _tokens(spectrum: Array, config: SpectralMambaConfig) -> Array:
    """Arrange the bands as (L, R), in place of the last band's repetitions by index."""
    length, last = config.length, config.n_bands - 1
    tokens = np.empty((length, config.piece_size))
    for t in range(length):
        for r in range(config.piece_size):
            band = t * config.piece_size + r if config.layout == "adjacent" else r * length + t
            tokens[t, r] = spectrum[min(band, last)]
    return tokens


def _position(w: dict[str, Array], config: SpectralMambaConfig) -> Array | float:
    if config.position == "learned":
        return w["position.embedding"]
    if config.position == "none":
        return 0.0
    centres = _tokens(np.array(config.wavelengths), config).mean(axis=1) / 1000  # µm
    n_periods = (config.dim + 1) // 2
    code = np.zeros((config.length, 2 * n_periods))
    for i, period in enumerate(np.geomspace(0.05, 5.0, n_periods)):
        code[:, 2 * i] = np.sin(2 * np.pi * centres / period)
        code[:, 2 * i + 1] = np.cos(2 * np.pi * centres / period)
    return code[:, : config.dim]


def _block(tokens: Array, w: dict[str, Array], config: SpectralMambaConfig) -> Array:
    """What one Mamba block adds to its tokens (L, dim)."""
    length, inner = config.length, config.expansion * config.dim
    projected = _layer_norm(tokens, w["norm.weight"], w["norm.bias"]) @ w["input_projection.weight"].T
    u, z = projected[:, :inner], projected[:, inner:]
    convolved = np.zeros((length, inner))
    for t in range(length):
        convolved[t] = w["convolution.bias"]
        for k in range(config.conv_size):
            past = t - (config.conv_size - 1) + k
            if past >= 0:
                convolved[t] += w["convolution.weight"][:, 0, k] * u[past]
    u = _silu(convolved)
    y = _scan(u, w, config) if config.s6 else w["scan.D"] * u
    return (y * _silu(z)) @ w["output_projection.weight"].T


def _scan(u: Array, w: dict[str, Array], config: SpectralMambaConfig) -> Array:
    """h_t = exp(Δ_t A) h_(t-1) + Δ_t B_t u_t and y_t = C_t h_t + D u_t, one step after the other."""
    n = config.state_size
    projected = u @ w["scan.parameter_projection.weight"].T
    rank = projected.shape[1] - 2 * n
    delta = np.logaddexp(0, projected[:, :rank] @ w["scan.step_projection.weight"].T + w["scan.step_bias"])
    A = -np.exp(w["scan.A_log"])  # (D, N)
    h, y = np.zeros_like(A), np.zeros_like(u)
    for t in range(len(u)):
        B, C = projected[t, rank : rank + n], projected[t, rank + n :]
        h = np.exp(delta[t][:, None] * A) * h + (delta[t] * u[t])[:, None] * B
        y[t] = h @ C + w["scan.D"] * u[t]
    return y


def _layer_norm(x: Array, weight: Array, bias: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
    return np.asarray(centred / spread * weight + bias)


def _silu(x: Array) -> Array:
    return np.asarray(x / (1 + np.exp(-x)))
