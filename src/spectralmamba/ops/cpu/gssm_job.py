"""What the kernels of dense GSSM are told: one record of integers for all of them."""

import numpy as np
from numba import from_dtype

FIELDS = (
    # The box of the scene: address of its first value, distances in bytes, neighbours in a row contiguous.
    *("window", "band_apart", "row_apart"),
    *("rows", "columns", "bands"),
    # A pixel's spectrum takes `vectors` vectors, zeros after its last band.
    "vectors",
    # Standardisation: (bands,) each; `floor` is the address of the least value whose logarithm is taken, or 0.
    *("mean", "scale", "floor"),
    # What is kept of each pixel of the box, in reading order: x̃ and mask·x̃ (rows · columns, vectors), v
    # (rows · columns,); `bad` is room for a row, in whole vectors, and `room` for sixteen vectors.
    *("spectra", "gated", "valid", "bad", "room"),
    # The pixels that a block is made of, int64 positions in the box, and how many.
    *("pixels", "count"),
    # The convolution's weights (9, vectors); rows of the product that follows, (count, vectors) before and after it,
    # and what is added then (vectors,).
    *("depthwise", "convolved", "product", "bias"),
    # Merging: P, or 0 without GSSM; address of two floats, the centre's weight and that of the merged spectrum; the
    # merged spectra (count, bands).
    *("patch_size", "shares", "merged"),
)

RECORD = np.dtype([(name, np.int64) for name in FIELDS])
gssm_job = from_dtype(RECORD)
