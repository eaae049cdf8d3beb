"""The kernels as machine code: compiled once, kept on disk, found again by later processes."""

import hashlib
import logging
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any

from numba import carray, cfunc, types

from spectralmamba.ops.cpu.backward import backward
from spectralmamba.ops.cpu.convolution import convolve, convolve_back
from spectralmamba.ops.cpu.forward import forward
from spectralmamba.ops.cpu.gssm import convolve_pixels, gate_pixels, merge_pixels, standardise
from spectralmamba.ops.cpu.gssm_job import gssm_job
from spectralmamba.ops.cpu.job import convolution_job, scan_job
from spectralmamba.ops.cpu.spectrum.job import spectrum_job
from spectralmamba.ops.cpu.spectrum.kernel import classify

logger = logging.getLogger(__name__)

Entry = Callable[[Any], None]


def _scan_entry(source: int) -> Entry:
    def run(job: Any) -> None:  # noqa: ANN401 - a pointer
        if source:
            forward(carray(job, 1)[0])

    return run


def _scan_backward_entry(source: int) -> Entry:
    def run(job: Any) -> None:  # noqa: ANN401 - a pointer
        if source:
            backward(carray(job, 1)[0])

    return run


def _convolution_entry(source: int) -> Entry:
    def run(job: Any) -> None:  # noqa: ANN401 - a pointer
        if source:
            convolve(carray(job, 1)[0])

    return run


def _convolution_backward_entry(source: int) -> Entry:
    def run(job: Any) -> None:  # noqa: ANN401 - a pointer
        if source:
            convolve_back(carray(job, 1)[0])

    return run


def _gssm_standardise_entry(source: int) -> Entry:
    def run(job: Any) -> None:  # noqa: ANN401 - a pointer
        if source:
            standardise(carray(job, 1)[0])

    return run


def _gssm_convolve_entry(source: int) -> Entry:
    def run(job: Any) -> None:  # noqa: ANN401 - a pointer
        if source:
            convolve_pixels(carray(job, 1)[0])

    return run


def _gssm_gate_entry(source: int) -> Entry:
    def run(job: Any) -> None:  # noqa: ANN401 - a pointer
        if source:
            gate_pixels(carray(job, 1)[0])

    return run


def _gssm_merge_entry(source: int) -> Entry:
    def run(job: Any) -> None:  # noqa: ANN401 - a pointer
        if source:
            merge_pixels(carray(job, 1)[0])

    return run


def _spectrum_entry(source: int) -> Entry:
    def run(job: Any) -> None:  # noqa: ANN401 - a pointer
        if source:
            classify(carray(job, 1)[0])

    return run


_ENTRIES: Mapping[str, tuple[Callable[[int], Entry], Any]] = MappingProxyType(
    {
        "scan": (_scan_entry, scan_job),
        "scan_backward": (_scan_backward_entry, scan_job),
        "convolution": (_convolution_entry, convolution_job),
        "convolution_backward": (_convolution_backward_entry, convolution_job),
        "gssm_standardise": (_gssm_standardise_entry, gssm_job),
        "gssm_convolve": (_gssm_convolve_entry, gssm_job),
        "gssm_gate": (_gssm_gate_entry, gssm_job),
        "gssm_merge": (_gssm_merge_entry, gssm_job),
        "spectrum": (_spectrum_entry, spectrum_job),
    }
)
_compiled: dict[str, Any] = {}
_lock = Lock()


def kernel(name: str) -> int:
    """Address of a kernel, ``void (*)(job *)``; compiled or read from disk on the first call.

    Parameters
    ----------
    name : str
        One of "scan", "convolution", each also with "_backward", "gssm_" with "standardise", "convolve", "gate" or
        "merge", and "spectrum".

    Raises
    ------
    numba.core.errors.NumbaError
        It cannot be compiled for this processor.
    """
    with _lock:
        if name not in _compiled:
            make_entry, job_type = _ENTRIES[name]
            _compiled[name] = _compile(make_entry(_digest_of_sources()), job_type)
        address: int = _compiled[name].address
        return address


def _compile(entry: Entry, job_type: Any) -> Any:  # noqa: ANN401 - a Numba callback
    signature = types.void(types.CPointer(job_type))
    try:
        return cfunc(signature, cache=True, error_model="numpy")(entry)
    except (RuntimeError, OSError, EOFError, pickle.UnpicklingError) as error:
        # No folder to keep it in, a full disk, or a file there that is damaged: none of it is a reason not to compute.
        logger.info("compiled kernels are not kept on disk (%s)", error)
        return cfunc(signature, cache=False, error_model="numpy")(entry)


def _digest_of_sources() -> int:
    """Number that stands for the text of every module here; never 0.

    Numba finds compiled code again by the file of a kernel and by what the kernel closes over, and would not notice a
    change in another file that the kernel is made from. So the entries close over this number.
    """
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return int.from_bytes(digest.digest()[:7], "big") | 1
