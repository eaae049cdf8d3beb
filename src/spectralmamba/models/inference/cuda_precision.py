"""Arithmetic on a GPU: full float32 where nothing else is asked for, whatever the process has set."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Literal

import torch

Half = Literal["bfloat16", "float16"]
"""``bfloat16`` has float32's range and 8 bits of precision, ``float16`` 11 bits and values up to 65504. Measured on the
demo's scene, with a CPU's autocast: 21 of 39,600 pixels change class with ``bfloat16``, 3 with ``float16``."""

_FLAGS = RLock()


@contextmanager
def exact_float32() -> Iterator[None]:
    """Let products and convolutions take all bits of float32, during a ``with`` block.

    TF32, which the tensor cores of Ampere and later take in place of float32, has 11 bits: an error of 5e-4 a factor.
    cuDNN is left out altogether: it has TF32 on by default, and picks its algorithm by more than the shape. The flags
    belong to the process and come back as they were; one caller at a time is in the block.
    """
    with _FLAGS:
        products, cudnn = _legacy_precision(), torch.backends.cudnn.enabled
        newer = torch.backends.cuda.matmul.fp32_precision
        # PyTorch has two interfaces to one flag, and refuses to compute where they disagree. This one sets both.
        torch.set_float32_matmul_precision("highest")
        torch.backends.cudnn.enabled = False
        try:
            yield
        finally:
            torch.backends.cudnn.enabled = cudnn
            if products is not None:
                torch.set_float32_matmul_precision(products)
            torch.backends.cuda.matmul.fp32_precision = newer


def _legacy_precision() -> str | None:
    """What the older interface was set to; None where it was left alone and the newer one was used."""
    try:
        return torch.get_float32_matmul_precision()
    except RuntimeError:
        return None
