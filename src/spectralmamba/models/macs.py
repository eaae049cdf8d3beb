"""What is counted as a multiply-accumulate, and where."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MacCount:
    """MACs of one sample.

    Attributes
    ----------
    patch : int
        Convolutions and linear layers, for one patch on its own: the rule behind every figure of the paper.
    dense : int
        The same for one pixel of a whole scene, where neighbours share work.
    fixed : int
        A matrix that follows from the training pixels without training; no layer, and so not in the others.
    scan : int
        What mixes tokens without weights of its own, which the paper's rule leaves out: a recurrence, or the products
        of attention.
    """

    patch: int = 0
    dense: int = 0
    scan: int = 0
    fixed: int = 0

    @classmethod
    def same(cls, macs: int) -> "MacCount":
        """Count a layer that does the same work for a patch and for a pixel of a scene."""
        return cls(patch=macs, dense=macs)

    def __add__(self, other: "MacCount") -> "MacCount":
        return MacCount(
            self.patch + other.patch,
            self.dense + other.dense,
            self.scan + other.scan,
            self.fixed + other.fixed,
        )
