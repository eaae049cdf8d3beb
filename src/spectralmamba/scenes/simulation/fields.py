"""Random streams and smooth random fields: what every part of the simulator draws from."""

import zlib

import numpy as np
import numpy.typing as npt
from scipy import fft

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]
Classes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Give the generator of one purpose, so that a new draw elsewhere leaves all others as they were."""
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(purpose.encode())]))


def smooth_field(shape: tuple[int, int], scale: float, rng: np.random.Generator, roughness: float = 3.0) -> Floats:
    """Draw a Gaussian random field with a von Kármán spectrum, which terrain and moisture follow.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns.
    scale : float
        Outer scale in pixels: structures grow up to about this size.
    rng : numpy.random.Generator
        Where the draws come from.
    roughness : float
        Exponent of the amplitude spectrum (1 + (2π k · scale / 4)²)^(-roughness/2); larger is smoother.

    Returns
    -------
    numpy.ndarray, float32, shape ``shape``
        Mean 0, standard deviation 1.
    """
    # The transform is periodic; the margin keeps opposite edges of the scene from resembling each other.
    padded = tuple(fft.next_fast_len(n + int(scale), real=True) for n in shape)
    white = fft.rfft2(rng.standard_normal(padded, dtype=np.float32))
    fy = np.fft.fftfreq(padded[0])[:, None].astype(np.float32)
    fx = np.fft.rfftfreq(padded[1])[None, :].astype(np.float32)
    reach = np.float32((np.pi / 2 * scale) ** 2)
    white *= (1 + reach * (fy**2 + fx**2)) ** np.float32(-roughness / 2)
    field = fft.irfft2(white, s=padded)[: shape[0], : shape[1]]
    field -= field.mean()
    return np.asarray(field / max(float(field.std()), 1e-6), np.float32)


def top_share(field: Floats, share: float) -> Mask:
    """Mark the given share of the pixels, those with the highest values."""
    return np.asarray(field > np.quantile(field, 1 - share))
