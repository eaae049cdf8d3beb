"""What the kernel is told: one record of integers, so that it is compiled once for every model."""

from typing import Any

import numpy as np
from numba import from_dtype

# Addresses are 0 where there is no such thing; distances are in bytes; every weight is float32. Matrices are packed in
# fours of outputs, (outputs / 4, inputs, 4), and what belongs to outputs is padded to whole fours with zeros.
SPECTRUM_FIELDS = (
    # Of a call: spectra (rows, bands), logits (rows, classes), rows a multiple of 16; memory to work in, of which each
    # thread takes `room_size` bytes; two numbers that threads share, 0 at first: threads, and rows taken.
    *("spectra", "logits", "rows", "workspace", "room_size", "counters"),
    # Of the model. Input r of a token is `band_apart` bytes from input 0, input 0 of tokens are `token_apart` bytes
    # from each other; `chunk` is the number of steps at once.
    *("bands", "length", "piece", "band_apart", "token_apart", "chunk"),
    *("dim", "inner", "states", "rank", "taps", "depth", "classes", "s6", "flatten"),
    # Its weights. `position` (length, dim) holds the bias of the embedding, too.
    *("whitening", "zeros", "embedding", "position"),
    # Those of the first block; those of the next are `block_apart` bytes further on. The norm's own are part of
    # `input` and `input_bias`, for u and after it for z; `norm` is 1 / dim and the norm's epsilon. `parameters` gives
    # B, C and the low rank of Δ; `rates` are A · log₂e (inner, states), `steepest` the largest |rate| (inner,).
    *("block_apart", "norm", "input", "input_bias", "convolution", "convolution_bias", "parameters"),
    *("step", "step_bias", "rates", "steepest", "skip", "output"),
    # The head, with its norm as part of it; flattened a matrix for each step. `head_norm` is as `norm`, and 1 / length.
    *("head_norm", "head", "head_bias"),
)

spectrum_job = from_dtype(np.dtype([(field, np.int64) for field in SPECTRUM_FIELDS]))

SpectrumJob = Any  # a record of this type; in compiled code its fields are attributes
