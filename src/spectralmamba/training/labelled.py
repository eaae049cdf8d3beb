"""A scene and its labels, as everything that learns is given them."""

from dataclasses import dataclass

import xarray as xr

from spectralmamba.labels.grid import require_on_scene


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

    Raises
    ------
    LabelError
        Labels are not on the scene's grid.
    """

    scene: xr.DataArray
    labels: xr.DataArray
    test: xr.DataArray | None = None
    validation: xr.DataArray | None = None

    def __post_init__(self) -> None:
        for labels in self.maps.values():
            require_on_scene(labels, self.scene)

    @property
    def maps(self) -> dict[str, xr.DataArray]:
        """The label maps that are given, by role."""
        given = {"labels": self.labels, "test": self.test, "validation": self.validation}
        return {role: labels for role, labels in given.items() if labels is not None}
