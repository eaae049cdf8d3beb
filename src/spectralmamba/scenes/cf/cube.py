"""Which variable of a store is the cube, and which of its axes is which."""

from dataclasses import dataclass

import xarray as xr

from spectralmamba.errors import SceneError
from spectralmamba.scenes.cf.store import Store
from spectralmamba.scenes.matfile import choose

_Y = {"y", "lat", "latitude", "northing", "row", "rows", "line", "lines", "downtrack", "along_track", "ydim"}
_X = {"x", "lon", "longitude", "easting", "col", "cols", "column", "columns", "sample", "samples", "crosstrack"}
_X |= {"across_track", "cross_track", "xdim"}
_BAND = {"band", "bands", "wavelength", "wavelengths", "wl", "lambda", "spectral", "channel", "channels", "nbands"}

_Y_NAMES = {"projection_y_coordinate", "latitude", "grid_latitude"}
_X_NAMES = {"projection_x_coordinate", "longitude", "grid_longitude"}
_BAND_NAMES = {"radiation_wavelength", "sensor_band_central_radiation_wavelength"}
"""Standard names of the CF conventions, https://cfconventions.org/standard-names.html."""

_LIKELY = ("reflectance", "rfl", "radiance", "rdn")
_UNLIKELY = ("uncert", "unc", "error", "err", "std", "mask", "quality")

_WANTED = "cube of numbers with a band axis and two axes of place"


@dataclass(frozen=True, eq=False)
class Cube:
    """A variable that is a scene.

    Attributes
    ----------
    place : str
        Groups and name.
    variable : xarray.Variable
        Of three dimensions, in the order in which they are stored.
    band, y, x : str
        Their names.
    """

    place: str
    variable: xr.Variable
    band: str
    y: str
    x: str

    @property
    def shape(self) -> tuple[int, int, int]:
        """Bands, rows and columns."""
        sizes = self.variable.sizes
        return sizes[self.band], sizes[self.y], sizes[self.x]


def find_cube(store: Store, variable: str | None) -> Cube:
    """Choose the cube of a store.

    Parameters
    ----------
    store : Store
    variable : str, optional
        Its place or name. Without it there has to be one cube, or one whose name speaks of reflectance or radiance.

    Raises
    ------
    SceneError
        There is no cube, several and no choice, or not the one asked for.
    """
    solid = {place: flat for place, found in store.variables() if (flat := _of_three_axes(found)) is not None}
    cubes = {place: cube for place, flat in solid.items() if (cube := _cube(store, place, flat)) is not None}
    if solid and not cubes:
        listed = "; ".join(f"{place} ({', '.join(map(str, flat.dims))})" for place, flat in solid.items())
        raise SceneError(
            f"{store.path}: it cannot be told which axes of its arrays are bands, rows and columns, of {listed}; "
            "name the dimensions band, y and x"
        )
    shapes: dict[str, tuple[int, ...]] = {place: cube.shape for place, cube in cubes.items()}
    likely = [place for place in cubes if _speaks_of_reflectance(place, cubes[place].variable)]
    if variable is None and len(likely) == 1:
        return cubes[likely[0]]
    return cubes[choose(store.path, shapes, _place_of(variable, cubes), _WANTED)]


def _place_of(variable: str | None, cubes: dict[str, Cube]) -> str | None:
    """Complete a name without its groups, where one cube only has it."""
    matching = [place for place in cubes if variable is not None and place.rsplit("/", 1)[-1] == variable]
    return matching[0] if len(matching) == 1 else None if variable is None else variable.strip("/")


def _of_three_axes(variable: xr.Variable) -> xr.Variable | None:
    """Return a variable of numbers of three dimensions, others of length 1 (a single date) left out."""
    if variable.dtype.kind not in "iuf" or variable.ndim < 3:
        return None
    known = _Y | _X | _BAND
    single = [dim for dim in variable.dims if variable.sizes[dim] == 1 and str(dim).lower() not in known]
    flat = variable.isel(dict.fromkeys(single[: variable.ndim - 3], 0))
    return flat if flat.ndim == 3 and 0 not in flat.shape else None


def _cube(store: Store, place: str, variable: xr.Variable) -> Cube | None:
    dims = [str(dim) for dim in variable.dims]
    roles = {dim: _role(store, place, dim, variable.sizes[dim]) for dim in dims}
    found = {role: [dim for dim in dims if roles[dim] == role] for role in ("band", "y", "x")}
    if any(len(named) > 1 for named in found.values()):
        return None
    rest = [dim for dim in dims if roles[dim] is None]
    if not found["band"] and not (found["y"] and found["x"]):
        return None
    # What is known settles the rest; two axes of place of which nothing is known are rows and columns, in this order.
    for role in ("band", "y", "x"):
        found[role] = found[role] or [rest.pop(0)]
    band, y, x = (found[role][0] for role in ("band", "y", "x"))
    return Cube(place, variable, band, y, x) if variable.sizes[band] > 1 else None


def _role(store: Store, place: str, dim: str, size: int) -> str | None:
    """Tell whether a dimension is ``band``, ``y`` or ``x``: by its coordinate's attributes, else by its name."""
    coordinate = store.near(place, dim)
    attrs = {} if coordinate is None or coordinate.dims != (dim,) else coordinate.attrs
    standard, axis = str(attrs.get("standard_name", "")), str(attrs.get("axis", "")).upper()
    for role, names, letter, words in (("y", _Y_NAMES, "Y", _Y), ("x", _X_NAMES, "X", _X)):
        if standard in names or axis == letter or dim.lower() in words:
            return role
    if standard in _BAND_NAMES or dim.lower() in _BAND or is_wavelength_like(dim):
        return "band"
    spectral = any(is_wavelength_like(name) for name, _ in store.along(place, dim, size))
    return "band" if spectral else None


def is_wavelength_like(name: str) -> bool:
    """Whether a variable's name says that it holds wavelengths."""
    return "wavelength" in name.lower() and "good" not in name.lower() and "fwhm" not in name.lower()


def _speaks_of_reflectance(place: str, variable: xr.Variable) -> bool:
    words = " ".join(
        [place.rsplit("/", 1)[-1], *(str(variable.attrs.get(k, "")) for k in ("long_name", "standard_name"))]
    ).lower()
    return any(word in words for word in _LIKELY) and not any(word in words for word in _UNLIKELY)
