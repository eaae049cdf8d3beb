"""A scene and its labels, as everything that learns is given them."""

from dataclasses import dataclass

import xarray as xr

from spectralmamba.errors import LabelError


@dataclass(frozen=True, eq=False)
class LabelledScene:
    """A scene and its labels.

    Attributes
    ----------
    scene : DataArray (band, y, x)
    labels : DataArray (y, x)
        For a ``fixed`` split, those to learn from.
    test, validation : DataArray (y, x), optional
        For a ``fixed`` split.
    """

    scene: xr.DataArray
    labels: xr.DataArray
    test: xr.DataArray | None = None
    validation: xr.DataArray | None = None

    def __post_init__(self) -> None:
        for labels in (self.labels, self.test, self.validation):
            if labels is not None and labels.shape != self.scene.shape[1:]:
                raise LabelError(
                    f"labels are {labels.shape[0]}×{labels.shape[1]} pixels but the scene is "
                    f"{self.scene.shape[1]}×{self.scene.shape[2]}; use labels on the scene's grid"
                )

    @property
    def maps(self) -> dict[str, xr.DataArray]:
        """The label maps that are given, by role."""
        given = {"labels": self.labels, "test": self.test, "validation": self.validation}
        return {role: labels for role, labels in given.items() if labels is not None}
