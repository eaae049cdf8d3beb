"""The one function through which everything reaches the selective scan, and the choice of its backend."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from torch import Tensor

from spectralmamba.errors import BackendError
from spectralmamba.ops.arguments import ScanArguments
from spectralmamba.ops.reference import selective_scan_reference

Backend = Callable[[ScanArguments], tuple[Tensor, Tensor]]

# A faster backend is one more entry here; `auto` takes the last that can run.
BACKENDS: Mapping[str, Backend] = MappingProxyType({"reference": selective_scan_reference})


def pick_backend(name: str = "auto") -> str:
    """Name the backend that a call with ``backend=name`` runs on.

    Raises
    ------
    BackendError
        ``name`` is not among the backends of this version.
    """
    if name == "auto":
        return list(BACKENDS)[-1]
    if name not in BACKENDS:
        raise BackendError(
            f"this version has no selective-scan backend {name!r}; use 'auto' or one of: {', '.join(BACKENDS)}"
        )
    return name


def selective_scan(
    u: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    D: Tensor | None = None,
    z: Tensor | None = None,
    delta_bias: Tensor | None = None,
    delta_softplus: bool = False,
    return_last_state: bool = False,
    *,
    backend: str = "auto",
) -> Tensor | tuple[Tensor, Tensor]:
    """Run the selective state-space recurrence of Mamba over a batch of sequences.

    Takes the call of ``mamba_ssm``'s ``selective_scan_fn`` for real tensors; see
    :mod:`spectralmamba.ops.reference` for the formula.

    Parameters
    ----------
    u, delta : Tensor, shape (B, D, L)
        Input and (before bias and softplus) step size. float32, bfloat16, float16 or float64.
    A : Tensor, shape (D, N)
        Diagonal of the state matrix, negative for a stable recurrence.
    B, C : Tensor, shape (D, N), (B, N, L) or (B, G, N, L)
        Constant, variable, or variable in G groups of D / G channels.
    D : Tensor, shape (D,), optional
        Skip connection.
    z : Tensor, shape (B, D, L), optional
        Gate; the result is multiplied by SiLU(z).
    delta_bias : Tensor, shape (D,), optional
        Added to ``delta``.
    delta_softplus : bool
        Apply softplus to the biased ``delta``.
    return_last_state : bool
        Also return the state after the last step.
    backend : str
        ``"auto"`` or the name of a backend.

    Returns
    -------
    y : Tensor, shape (B, D, L)
        In the dtype of ``u``; the state itself is float32 (float64 where ``u`` or ``A`` is).
    last_state : Tensor, shape (B, D, N)
        Only with ``return_last_state``.

    Raises
    ------
    ValueError, TypeError
        Shapes that do not fit, complex tensors, or unsupported dtypes.
    BackendError
        A backend asked for by name that is not there.
    """
    run = BACKENDS[pick_backend(backend)]
    arguments = ScanArguments(u, delta, A, B, C, D, z, delta_bias, delta_softplus)
    arguments.check()
    y, last_state = run(arguments)
    return (y, last_state) if return_last_state else y
