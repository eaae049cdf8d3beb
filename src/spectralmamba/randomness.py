"""Stateless randomness: every draw comes from a generator made from (seed, epoch, step, purpose).

There is no generator whose state would have to be saved, so a resumed run is the same run.
"""

from zlib import crc32

import numpy as np


def generator(seed: int, purpose: str, epoch: int = 0, step: int = 0) -> np.random.Generator:
    """Make the NumPy generator of one draw.

    Parameters
    ----------
    seed : int
        Seed of the run, at least 0.
    purpose : str
        What the draw is for, such as ``"order"``; different purposes give independent streams.
    epoch, step : int
        Where in the run the draw happens.
    """
    return np.random.default_rng([seed, crc32(purpose.encode()), epoch, step])


def torch_seed(seed: int, purpose: str, epoch: int = 0, step: int = 0) -> int:
    """Give the 63-bit seed of one draw for a ``torch.Generator``, which has no sequence of seeds of its own."""
    return int(generator(seed, purpose, epoch, step).integers(2**63))
