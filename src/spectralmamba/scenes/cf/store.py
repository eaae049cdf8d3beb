"""A NetCDF file or a Zarr store as groups of lazily read variables."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import xarray as xr

ROOT = "/"


@dataclass(frozen=True, eq=False)
class Store:
    """Groups of variables; those of a group's parents belong to it too.

    Attributes
    ----------
    path : pathlib.Path
        Of the file or folder, for messages.
    groups : dict of str to xarray.Dataset
        By place, ``/`` for the root; scaled and with NaN for missing as they are read, not before.
    """

    path: Path
    groups: dict[str, xr.Dataset]

    def variables(self) -> Iterator[tuple[str, xr.Variable]]:
        """Yield the place (``group/name``, without the leading stroke) and the variable, of all groups."""
        for place, group in self.groups.items():
            for name, variable in group.variables.items():
                yield f"{place}/{name}".lstrip("/"), variable

    def near(self, place: str, name: str) -> xr.Variable | None:
        """Find a variable by name: in the group that the variable at ``place`` is in, or in a parent of it."""
        for group in self._around(place):
            if name in group.variables:
                return group.variables[name]
        return None

    def along(self, place: str, dim: str, size: int) -> Iterator[tuple[str, xr.Variable]]:
        """Yield name and variable of what has one value for each step of a dimension, the nearest group's first."""
        around = self._around(place)
        others = [group for group in self.groups.values() if not any(group is one for one in around)]
        for group in (*around, *others):
            for name, variable in group.variables.items():
                if variable.dims == (dim,) and variable.size == size:
                    yield str(name), variable

    def _around(self, place: str) -> list[xr.Dataset]:
        parents = (str(parent) for parent in PurePosixPath(f"/{place}").parents)
        return [self.groups[parent] for parent in parents if parent in self.groups]
