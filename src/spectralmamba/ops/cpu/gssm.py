"""GSSM of a whole box of a scene: what comes before and after the product of its pointwise convolution.

A pixel's bands are contiguous, sixteen a vector, so that every step is the same for all lanes and a pixel's result
depends on nothing but its own neighbourhood. Sums are in reading order.
"""

import numpy as np

from spectralmamba.ops.cpu.functions import Vector, compiled, inlined, sigmoid
from spectralmamba.ops.cpu.job import Job
from spectralmamba.ops.cpu.lanes import store_transposed
from spectralmamba.ops.cpu.logarithm import log
from spectralmamba.ops.cpu.simd import (
    BYTES,
    LANES,
    at_least,
    clear,
    constant,
    fma,
    load,
    load_everywhere,
    load_lanes,
    read,
    read_int,
    store,
    store_lanes,
    will_read,
    write,
)
from spectralmamba.ops.cpu.workspace import FLOAT, LONG

SIDE = 3  # of the depthwise kernel


@inlined
def standardise(job: Job) -> None:
    """Bring a box from bands apart to spectra side by side, standardised, zeros where a pixel is invalid, and v."""
    for row in range(job.rows):
        clear(job.bad, (job.columns + LANES - 1) // LANES)
        for first in range(0, LANES * job.vectors, LANES):
            for column in range(0, job.columns, LANES):
                _standardise_square(job, row, column, first)
        _drop_invalid(job, row)


@compiled
def _standardise_square(job: Job, row: int, column: int, first: int) -> None:
    """Sixteen bands of up to sixteen pixels of a row: read as vectors of pixels, written as vectors of bands."""
    width = min(LANES, job.columns - column)
    source = job.window + row * job.row_apart + FLOAT * column
    # Bands of a scene lie on pages of their own, where processors foresee nothing: so what is read a row of squares
    # later, the next bands or the first ones of the next row, is asked for now.
    is_last = first + LANES >= job.bands
    later = job.row_apart - first * job.band_apart if is_last else LANES * job.band_apart
    bad = load(job.bad + FLOAT * column)
    clear(job.room, LANES)
    for lane in range(min(LANES, job.bands - first)):
        band = first + lane
        values = load_lanes(source + band * job.band_apart, width)
        will_read(source + band * job.band_apart + later)
        standardised = _standardised(job, values, band)
        # NaN from here on, once a value is not finite, or so large that it does not stay so.
        bad = fma(values, constant(0.0), fma(standardised, constant(0.0), bad))
        store(job.room + BYTES * lane, standardised)
    store(job.bad + FLOAT * column, bad)
    target = job.spectra + BYTES * job.vectors * (row * job.columns + column) + FLOAT * first
    store_transposed(target, BYTES * job.vectors, width, LANES, job.room)


@inlined
def _standardised(job: Job, values: Vector, band: int) -> Vector:
    """(x − mean) · scale, of the logarithm where one is taken."""
    if job.floor:
        values = log(at_least(values, load_everywhere(job.floor)))
    return (values - load_everywhere(job.mean + FLOAT * band)) * load_everywhere(job.scale + FLOAT * band)


@inlined
def _drop_invalid(job: Job, row: int) -> None:
    """Note which pixels of a row are valid, and let the others add nothing anywhere."""
    for column in range(job.columns):
        pixel = row * job.columns + column
        is_valid = read(job.bad + FLOAT * column) == 0
        write(job.valid + FLOAT * pixel, np.float32(1) if is_valid else np.float32(0))
        if not is_valid:
            clear(job.spectra + BYTES * job.vectors * pixel, job.vectors)
            clear(job.gated + BYTES * job.vectors * pixel, job.vectors)


@inlined
def convolve_pixels(job: Job) -> None:
    """Depthwise 3×3 convolution at the pixels of a block, without its bias."""
    spectrum = BYTES * job.vectors
    for i in range(job.count):
        corner = job.spectra + spectrum * (read_int(job.pixels + LONG * i) - job.columns - 1)
        for v in range(0, spectrum, BYTES):
            total = constant(0.0)
            for row in range(SIDE):
                for column in range(SIDE):
                    weight = load(job.depthwise + spectrum * (SIDE * row + column) + v)
                    total = fma(weight, load(corner + spectrum * (row * job.columns + column) + v), total)
            store(job.convolved + spectrum * i + v, total)


@inlined
def gate_pixels(job: Job) -> None:
    """Gate the pixels of a block: mask · x̃ with mask = sigmoid(product + bias)."""
    spectrum = BYTES * job.vectors
    for i in range(job.count):
        place = spectrum * read_int(job.pixels + LONG * i)
        for v in range(0, spectrum, BYTES):
            mask = sigmoid(load(job.product + spectrum * i + v) + load(job.bias + v))
            store(job.gated + place + v, mask * load(job.spectra + place + v))


@inlined
def merge_pixels(job: Job) -> None:
    """Merged spectra of the pixels of a block with the centre's share; plain ones where there is no neighbourhood."""
    for i in range(job.count):
        pixel = read_int(job.pixels + LONG * i)
        if job.patch_size == 0:
            _write_spectrum(job, pixel, i)
        else:
            _merge(job, pixel, i)


@compiled
def _merge(job: Job, pixel: int, i: int) -> None:
    """(P² / Σ v) · Σ v · mask · x̃ over the P×P window, weighed, beside the centre's weighed x̃."""
    spectrum, size = BYTES * job.vectors, job.patch_size
    corner = pixel - (size // 2) * (job.columns + 1)
    n_valid = np.float32(0)
    for row in range(size):
        for column in range(size):
            n_valid += read(job.valid + FLOAT * (corner + row * job.columns + column))
    weight = np.float32(size * size) / n_valid * read(job.shares + FLOAT)
    for v in range(job.vectors):
        total = constant(0.0)
        for row in range(size):
            along = load(job.gated + spectrum * (corner + row * job.columns) + BYTES * v)
            for column in range(1, size):
                along = along + load(job.gated + spectrum * (corner + row * job.columns + column) + BYTES * v)
            total = total + along  # row by row: rounding grows with 2P terms, not with P²
        own = load(job.spectra + spectrum * pixel + BYTES * v) * load_everywhere(job.shares)
        _store_bands(job, i, v, fma(total, constant(weight), own))


@inlined
def _write_spectrum(job: Job, pixel: int, i: int) -> None:
    for v in range(job.vectors):
        _store_bands(job, i, v, load(job.spectra + BYTES * (job.vectors * pixel + v)))


@inlined
def _store_bands(job: Job, i: int, v: int, values: Vector) -> None:
    width = min(LANES, job.bands - LANES * v)
    store_lanes(job.merged + FLOAT * (job.bands * i + LANES * v), values, width)
