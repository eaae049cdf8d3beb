"""The shapes, dtypes and roles of the selective scan's arguments, checked once for every backend."""

from dataclasses import dataclass

from torch import Tensor

from spectralmamba.ops.tensors import check_tensors


@dataclass(frozen=True)
class ScanArguments:
    """The arguments of :func:`spectralmamba.ops.selective_scan`, known to fit each other.

    Symbols follow the Mamba paper; sizes are batch (here B as in shapes), D channels, L steps, N states, G groups.
    """

    u: Tensor  # (B, D, L)
    delta: Tensor  # (B, D, L)
    A: Tensor  # (D, N)
    B: Tensor  # (D, N) | (B, N, L) | (B, G, N, L)
    C: Tensor  # as B
    D: Tensor | None  # (D,)
    z: Tensor | None  # (B, D, L)
    delta_bias: Tensor | None  # (D,)
    delta_softplus: bool

    def given(self) -> list[tuple[str, Tensor]]:
        """Name and value of each tensor that is there, in the order of the call."""
        required = [("u", self.u), ("delta", self.delta), ("A", self.A), ("B", self.B), ("C", self.C)]
        optional = [("D", self.D), ("z", self.z), ("delta_bias", self.delta_bias)]
        return required + [(name, value) for name, value in optional if value is not None]

    def check(self) -> None:
        """Refuse arguments that do not fit each other.

        Raises
        ------
        TypeError
            What :func:`spectralmamba.ops.tensors.check_tensors` refuses: complex tensors, integers, sparse ones.
        ValueError
            Tensors on several devices, or a shape that does not fit ``u``'s (B, D, L) and ``A``'s (D, N).
        """
        check_tensors("selective_scan", self.given())
        if self.u.ndim != 3:
            raise ValueError(f"u has shape {tuple(self.u.shape)}; expected (batch, dim, length)")
        batch, dim, length = self.u.shape
        if self.A.ndim != 2 or self.A.shape[0] != dim:
            raise ValueError(f"A has shape {tuple(self.A.shape)}; expected (dim, state) with dim = {dim} as in u")
        expected: dict[str, tuple[int, ...]] = {
            "delta": (batch, dim, length),
            "z": (batch, dim, length),
            "D": (dim,),
            "delta_bias": (dim,),
        }
        for name, shape in expected.items():
            tensor = getattr(self, name)
            if tensor is not None and tuple(tensor.shape) != shape:
                raise ValueError(f"{name} has shape {tuple(tensor.shape)}; expected {shape} to fit u")
        for name in ("B", "C"):
            self._check_projection(name)

    def _check_projection(self, name: str) -> None:
        """B and C: constant (D, N), variable (B, N, L), or grouped (B, G, N, L) with G a divisor of D."""
        shape = tuple(getattr(self, name).shape)
        batch, dim, length = self.u.shape
        state = self.A.shape[1]
        # By the number of dimensions, and no two sizes compared that need not be equal: to a program traced for any
        # batch size, each comparison is an assumption about it.
        if len(shape) == 2:
            fits = shape == (dim, state)
        elif len(shape) == 3:
            fits = shape == (batch, state, length)
        else:
            fits = len(shape) == 4 and self._fits_groups(shape)
        if not fits:
            raise ValueError(
                f"{name} has shape {shape}; expected (dim, state) = {(dim, state)}, (batch, state, length) = "
                f"{(batch, state, length)}, or (batch, groups, state, length) with groups dividing {dim}"
            )

    def _fits_groups(self, shape: tuple[int, ...]) -> bool:
        batch, dim, length = self.u.shape
        groups = shape[1]
        return shape == (batch, groups, self.A.shape[1], length) and groups > 0 and dim % groups == 0
