"""The kernels as machine code: compiled once, kept on disk, found again by later processes."""

import hashlib
import logging
import pickle
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any

from numba import carray, cfunc, types
from numba.core.registry import cpu_target

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


def _scan(job: Any) -> None:  # noqa: ANN401 - a pointer
    forward(carray(job, 1)[0])


def _scan_backward(job: Any) -> None:  # noqa: ANN401 - a pointer
    backward(carray(job, 1)[0])


def _convolution(job: Any) -> None:  # noqa: ANN401 - a pointer
    convolve(carray(job, 1)[0])


def _convolution_backward(job: Any) -> None:  # noqa: ANN401 - a pointer
    convolve_back(carray(job, 1)[0])


def _gssm_standardise(job: Any) -> None:  # noqa: ANN401 - a pointer
    standardise(carray(job, 1)[0])


def _gssm_convolve(job: Any) -> None:  # noqa: ANN401 - a pointer
    convolve_pixels(carray(job, 1)[0])


def _gssm_gate(job: Any) -> None:  # noqa: ANN401 - a pointer
    gate_pixels(carray(job, 1)[0])


def _gssm_merge(job: Any) -> None:  # noqa: ANN401 - a pointer
    merge_pixels(carray(job, 1)[0])


def _spectrum(job: Any) -> None:  # noqa: ANN401 - a pointer
    classify(carray(job, 1)[0])


_ENTRIES: Mapping[str, tuple[Entry, Any]] = MappingProxyType(
    {
        "scan": (_scan, scan_job),
        "scan_backward": (_scan_backward, scan_job),
        "convolution": (_convolution, convolution_job),
        "convolution_backward": (_convolution_backward, convolution_job),
        "gssm_standardise": (_gssm_standardise, gssm_job),
        "gssm_convolve": (_gssm_convolve, gssm_job),
        "gssm_gate": (_gssm_gate, gssm_job),
        "gssm_merge": (_gssm_merge, gssm_job),
        "spectrum": (_spectrum, spectrum_job),
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
            entry, job_type = _ENTRIES[name]
            entry.__qualname__ = f"{name}-{_digest():016x}"
            _compiled[name] = _compile(entry, job_type)
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


@cache
def _digest() -> int:
    """Number that stands for this processor and for the sources that were imported here.

    Numba names the files of compiled code after a kernel, and finds code in them by the kernel's own file: it would not
    notice a change in another one that the kernel is made from. And when two processes of other sources, or on other
    processors with a folder in common, compile at once, one may find the other's code under its own key. So each has
    files of its own, by this number in their names.
    """
    processor = repr(cpu_target.target_context.codegen().magic_tuple()).encode()
    return int.from_bytes(hashlib.sha256(_SOURCES + processor).digest()[:8], "big")


def _digest_of_sources() -> bytes:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


# Now, not when something is compiled: by then a newer version may have been installed over what was imported.
_SOURCES = _digest_of_sources()
