"""The layers of a vector file, and which of them hold labels."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyogrio  # type: ignore[import-untyped]
from pyogrio.errors import DataLayerError, DataSourceError, FieldError  # type: ignore[import-untyped]

from spectralmamba.errors import LabelError
from spectralmamba.labels.vector.recognition import zipped

_NOT_LABELS = {"layer_styles", "qgis_projects"}
"""Tables that QGIS keeps in a GeoPackage beside its layers."""


def choose_layers(path: Path, asked: Sequence[str], *, every: bool = False) -> list[str]:
    """Name the layers to read.

    Parameters
    ----------
    path : pathlib.Path
    asked : sequence of str
        Names; where none is given, the file has to have one layer with geometries.
    every : bool
        Where none is given, read all.

    Raises
    ------
    LabelError
        The file is damaged or holds no layer, several and no choice, or not those asked for.
    """
    source = source_of(path)
    with readable(path):
        listed = [(str(name), kind) for name, kind in pyogrio.list_layers(source)]
    layers = [name for name, kind in listed if kind is not None and name not in _NOT_LABELS]
    if not layers:
        raise LabelError(f"{path} holds no layer with geometries; pass a file of polygons or points")
    missing = [name for name in asked if name not in layers]
    if missing:
        raise LabelError(f"{path} has no layer {missing[0]!r}; its layers are {', '.join(layers)}")
    if not asked and len(layers) > 1 and not every:
        raise LabelError(f"{path} holds several layers ({', '.join(layers)}); name one of them (layer, --layer)")
    return list(asked) or layers


def source_of(path: Path) -> str:
    """Name to GDAL what it is to open: the file, or what a zip archive holds, which is not unpacked.

    Raises
    ------
    LabelError
        The archive holds vector files in several folders, or several that are not shapefiles.
    """
    inside = [] if path.is_dir() else zipped(path)
    if not inside:
        return str(path)
    # GDAL takes a folder of shapefiles for one source with a layer each.
    places = {name.parent if name.suffix.lower() == ".shp" else name for name in inside}
    if len(places) > 1:
        listed = ", ".join(str(name) for name in inside)
        raise LabelError(f"{path} holds several vector files ({listed}); unpack it and pass one of them")
    # In braces, whatever the archive is called: https://gdal.org/en/stable/user/virtual_file_systems.html
    return f"/vsizip/{{{path.absolute()}}}/{places.pop()}".removesuffix("/.")


def describe(path: Path, layer: str) -> dict[str, Any]:
    """Give what is known of a layer without reading it, as :func:`pyogrio.read_info` does; LabelError where damaged."""
    with readable(path):
        info: dict[str, Any] = pyogrio.read_info(source_of(path), layer=layer)
    return info


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what pyogrio says of a file that it cannot read into one sentence, and keep GDAL quiet.

    Raises
    ------
    LabelError
    """
    try:
        # GDAL's remarks, say on a file's extension, come as warnings; what matters comes back as an error.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    except (DataSourceError, DataLayerError, FieldError, ValueError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise LabelError(
            f"{path} cannot be read as vector labels ({reason}); it is damaged, so write or fetch it again"
        ) from error
