"""Which backends there are, what keeps one from running here, and the one that a call runs on."""

import logging
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType

import torch

from spectralmamba.errors import BackendError

logger = logging.getLogger(__name__)


def _cpu_obstacle() -> str | None:
    if find_spec("numba") is None:
        return "Numba is not installed; python -m pip install numba"
    if import_module("numba").config.DISABLE_JIT:
        return "Numba's compiler is switched off; unset NUMBA_DISABLE_JIT"
    try:
        import_module("spectralmamba.ops.cpu.compiled").kernel("scan")
    except Exception as error:  # noqa: BLE001 - whatever keeps Numba from working here, `auto` must not fail for it
        return f"Numba cannot compile its kernels here ({type(error).__name__}: {error})".splitlines()[0]
    return None


def _gpu_obstacle() -> str | None:
    if find_spec("triton") is None:
        return "Triton is not installed; python -m pip install 'spectralmamba[triton]'"
    if not torch.cuda.is_available() and not _interpreted():
        return "PyTorch finds no GPU; TRITON_INTERPRET=1 runs the kernels on the CPU, slowly, to test them"
    return None


_OBSTACLES: Mapping[str, Callable[[], str | None]] = MappingProxyType(
    {"reference": lambda: None, "cpu": _cpu_obstacle, "gpu": _gpu_obstacle}
)

BACKENDS = tuple(_OBSTACLES)


@cache
def obstacle(name: str) -> str | None:
    """What keeps a backend from running here, and how to mend it; None where nothing does."""
    reason = _OBSTACLES[name]()
    if reason is not None:
        logger.info("selective scan: no backend %r: %s", name, reason)
    return reason


def pick_backend(name: str = "auto", device: str = "cpu", wide: bool = False) -> str:
    """Name the backend that a call runs on.

    Parameters
    ----------
    name : str
        ``"auto"``, which always finds one, or one of :data:`BACKENDS`.
    device : str
        Type of the device that the tensors are on.
    wide : bool
        Whether the state is float64.

    Raises
    ------
    BackendError
        A backend asked for by name is unknown, cannot run here, or does not take such tensors.
    """
    return _pick(name, device, wide)


# To torch.compile a constant: what can run here does not change while a program runs. This is what
# torch.compiler.assume_constant_result does, which would import the whole compiler here and double the time to a scan.
pick_backend._dynamo_marked_constant = True  # type: ignore[attr-defined]  # noqa: SLF001


@cache
def _pick(name: str, device: str, wide: bool) -> str:
    if name == "auto":
        fast = {"cpu": "cpu", "cuda": "gpu"}.get(device)
        return "reference" if fast is None or wide or obstacle(fast) is not None else fast
    if name not in BACKENDS:
        raise BackendError(
            f"this version has no selective-scan backend {name!r}; use 'auto' or one of: {', '.join(BACKENDS)}"
        )
    reason = obstacle(name) or _mismatch(name, device, wide)
    if reason is not None:
        raise BackendError(f"selective-scan backend {name!r} cannot be used: {reason}")
    return name


def _mismatch(name: str, device: str, wide: bool) -> str | None:
    if name == "reference":
        return None
    if wide:
        return "it keeps the state in float32; pass float32 tensors, or backend='reference' for float64"
    wanted = "cpu" if name == "cpu" or _interpreted() else "cuda"
    if device != wanted:
        return f"the tensors are on {device!r}; move them to {wanted!r}, or use backend='auto'"
    return None


def _interpreted() -> bool:
    """Whether Triton's kernels run in its interpreter."""
    interpreted: bool = import_module("spectralmamba.ops.gpu.functions").INTERPRETED
    return interpreted
