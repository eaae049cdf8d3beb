"""Mosaics: georeferenced tiles laid side by side, read window by window, with NaN where no tile lies."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from spectralmamba.errors import SceneError
from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.grid import GridMismatch, grid_of, union_of
from spectralmamba.scenes.lazy import WindowedArray
from spectralmamba.scenes.quality import exclusion_counts, with_exclusions

_SAME_WAVELENGTH_NM = 0.01
"""Products print wavelengths to this precision; a larger difference is another sensor or another calibration."""


class MosaicArray(WindowedArray):
    """Tiles at their places in one array; NaN in the gaps.

    Where tiles overlap, the first listed has the say, and a later one fills only values that are missing so far. That
    goes value by value, so that what is read depends neither on the window nor on which bands are asked for.
    """

    def __init__(
        self, shape: tuple[int, int, int], tiles: Sequence[xr.Variable], offsets: Sequence[tuple[int, int]]
    ) -> None:
        super().__init__(shape)
        self.tiles = tuple(tiles)
        self.offsets = tuple(offsets)

    def read_window(self, bands: np.ndarray, rows: slice, cols: slice) -> np.ndarray:
        """Read bands of a window from the tiles that it touches; shape (n, rows, cols), float32."""
        window = np.full((bands.size, rows.stop - rows.start, cols.stop - cols.start), np.nan, np.float32)
        for tile, (top, left) in zip(self.tiles, self.offsets, strict=True):
            _, height, width = tile.shape
            in_rows = _overlap(rows, top, height)
            in_cols = _overlap(cols, left, width)
            if in_rows is None or in_cols is None:
                continue
            target = window[:, _shifted(in_rows, -rows.start), _shifted(in_cols, -cols.start)]
            values = tile[bands, _shifted(in_rows, -top), _shifted(in_cols, -left)].values
            np.copyto(target, values, where=np.isnan(target))
        return window


def mosaic(tiles: Sequence[xr.DataArray], *, name: str, source: str) -> xr.DataArray:
    """Lay scenes on one grid without reading them.

    Parameters
    ----------
    tiles : sequence of xarray.DataArray
        Scenes on one grid. A single one may be without georeferencing and is returned under the new name.
    name, source : str
        Of the mosaic.

    Returns
    -------
    xarray.DataArray
        A scene. A band is ``good`` where it is good in every tile, since each kept band has to be usable everywhere;
        ``fwhm`` is the first tile's. For the tiles' places see :func:`tiles_of`.

    Raises
    ------
    SceneError
        Two tiles differ in CRS, resolution, alignment, number of bands or wavelengths, or have no georeferencing.
    """
    if len(tiles) == 1 and grid_of(tiles[0]).transform is None:
        return tiles[0].rename(name)
    for tile in tiles:
        _require_georeferenced(tile)
        _require_comparable(tiles[0], tile)
    grids = [grid_of(tile) for tile in tiles]
    try:
        union, offsets = union_of(grids)
    except GridMismatch as error:  # pragma: no cover - each tile was compared with the first
        raise SceneError(f"{source} is not one mosaic ({error}); open its tiles one by one") from error
    shape = (tiles[0].sizes["band"], union.height, union.width)
    scene = make_scene(
        MosaicArray(shape, [tile.variable for tile in tiles], offsets).lazy(),
        name=name,
        source=source,
        wavelength=tiles[0]["wavelength"].values,
        fwhm=tiles[0]["fwhm"].values,
        good=np.logical_and.reduce([tile["good"].values for tile in tiles]),
        attrs=_attributes(tiles, offsets, (union.height, union.width)),
        crs=union.crs,
        transform=union.transform,
        nodata=_common_nodata(tiles),
    )
    return _with_exclusions(scene, tiles, offsets)


def _with_exclusions(
    scene: xr.DataArray, tiles: Sequence[xr.DataArray], offsets: Sequence[tuple[int, int]]
) -> xr.DataArray:
    """Leave out of a mosaic what any of its tiles leaves out."""
    if not any("excluded" in tile.coords for tile in tiles):
        return scene
    excluded = np.zeros(scene.shape[1:], bool)
    counts: dict[str, int] = {}
    for tile, (top, left) in zip(tiles, offsets, strict=True):
        if "excluded" in tile.coords:
            _, height, width = tile.shape
            excluded[top : top + height, left : left + width] |= tile.coords["excluded"].values
        for reason, count in exclusion_counts(tile).items():
            counts[reason] = counts.get(reason, 0) + count
    return with_exclusions(scene, excluded, counts)


def _attributes(
    tiles: Sequence[xr.DataArray], offsets: Sequence[tuple[int, int]], shape: tuple[int, int]
) -> dict[str, Any]:
    formats = sorted({tile.attrs["format"] for tile in tiles if "format" in tile.attrs})
    places = [_place(tile, offset) for tile, offset in zip(tiles, offsets, strict=True)]
    named = {"format": f"mosaic of {' and '.join(formats)}"} if formats else {}
    # Text, since files have no place for a list of mappings; the size tells a part, where they lie elsewhere.
    return named | {"tiles": json.dumps({"size": shape, "places": places})}


def tiles_of(scene: xr.DataArray) -> list[dict[str, Any]]:
    """Tell where the tiles of a mosaic lie.

    Returns
    -------
    list of dict
        For each tile: ``name`` (its file), ``row``, ``col``, ``height``, ``width`` in pixels of the whole mosaic.
        Empty for a scene that is none, and for a part of one.
    """
    if "tiles" not in scene.attrs:
        return []
    kept = json.loads(scene.attrs["tiles"])
    tiles: list[dict[str, Any]] = kept["places"] if kept["size"] == [scene.sizes["y"], scene.sizes["x"]] else []
    return tiles


def _require_georeferenced(tile: xr.DataArray) -> None:
    if grid_of(tile).transform is None:
        raise SceneError(f"{tile.attrs['source']} has no georeferencing, which tiles need; open it on its own")


def _require_comparable(first: xr.DataArray, tile: xr.DataArray) -> None:
    difference = _difference(first, tile)
    if difference:
        raise SceneError(
            f"{first.attrs['source']} and {tile.attrs['source']} cannot be tiles of one mosaic: they differ in "
            f"{difference}; open them as separate scenes, or bring them onto one grid"
        )


def _difference(first: xr.DataArray, tile: xr.DataArray) -> str | None:
    """Say in words what keeps two scenes from lying in one mosaic; None where nothing does."""
    if first.sizes["band"] != tile.sizes["band"]:
        return f"number of bands ({first.sizes['band']} and {tile.sizes['band']})"
    pair = first["wavelength"].values, tile["wavelength"].values
    if not np.allclose(*pair, rtol=0, atol=_SAME_WAVELENGTH_NM, equal_nan=True):
        # A wavelength that only one of them knows differs too, by NaN.
        band = int(np.argmax(~np.isclose(*pair, rtol=0, atol=_SAME_WAVELENGTH_NM, equal_nan=True)))
        return f"wavelengths (band {band + 1}: {pair[0][band]:g} and {pair[1][band]:g} nm)"
    try:
        grid_of(first).offset_of(grid_of(tile))
    except GridMismatch as error:
        return str(error)
    return None


def _place(tile: xr.DataArray, offset: tuple[int, int]) -> dict[str, str | int]:
    row, col = offset
    return {
        "name": tile.attrs["source"].replace("\\", "/").rsplit("/", 1)[-1],
        "row": row,
        "col": col,
        "height": tile.sizes["y"],
        "width": tile.sizes["x"],
    }


def _common_nodata(tiles: Sequence[xr.DataArray]) -> float | None:
    """Return the encoded nodata value that all tiles share; None where they have several or none."""
    values = {tile.encoding.get("_FillValue") for tile in tiles}
    return values.pop() if len(values) == 1 else None


def _overlap(window: slice, start: int, size: int) -> slice | None:
    """Return the part of ``window`` that a tile of ``size`` pixels from ``start`` covers; None where there is none."""
    low, high = max(window.start, start), min(window.stop, start + size)
    return slice(low, high) if low < high else None


def _shifted(part: slice, by: int) -> slice:
    return slice(part.start + by, part.stop + by)
