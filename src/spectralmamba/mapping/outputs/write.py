"""From the arrays of a map to the files that were asked for, in one ordered pass."""

from spectralmamba.errors import SceneError
from spectralmamba.labels import ClassTable
from spectralmamba.mapping.outputs.geotiff import write_class_map, write_confidence, write_probabilities
from spectralmamba.mapping.outputs.polygons import write_polygons
from spectralmamba.mapping.outputs.request import MapOutputs
from spectralmamba.mapping.outputs.rows import Raster, count_classes, read_rows
from spectralmamba.mapping.outputs.sieve import sieve_classes
from spectralmamba.mapping.outputs.zarr_store import write_zarr
from spectralmamba.scenes.grid import Grid


def write_outputs(
    outputs: MapOutputs,
    grid: Grid,
    table: ClassTable,
    classes: Raster,
    confidence: Raster | None = None,
    probabilities: Raster | None = None,
    job: str | None = None,
) -> dict[int, int]:
    """Write what was asked for, the map last: where it is, all is there.

    Parameters
    ----------
    outputs : MapOutputs
    grid : Grid
        Of the scene.
    table : ClassTable
    classes : array of uint8 or uint16, shape (height, width)
        In memory or in a file, as are the others; 0 = no data.
    confidence : array of float32, shape (height, width), optional
        Needed where ``outputs.needs_confidence``.
    probabilities : array of float32, shape (K, height, width), optional
        Needed where ``outputs.needs_probabilities``.
    job : str, optional
        Digest of what the map is made from, see :mod:`.made_by`.

    Returns
    -------
    dict of int to int
        Pixels of each class number in the map, after sieving; 0 is no data.

    Raises
    ------
    SceneError
        No pixel has a class.
    OutputError
        Something cannot be written.
    """
    pixels = count_classes(classes)
    if not any(pixels.keys()):
        raise SceneError("no pixel of the scene has data in all of the model's bands; there is nothing to map")
    if outputs.sieve > 1:
        classes = sieve_classes(read_rows(classes, 0, grid.height), outputs.sieve)
        pixels = count_classes(classes)
    if outputs.polygons is not None:
        write_polygons(read_rows(classes, 0, grid.height), grid, table, outputs.polygons)
    if outputs.confidence is not None and confidence is not None:
        write_confidence(confidence, grid, outputs.confidence)
    if outputs.probabilities is not None and probabilities is not None:
        write_probabilities(probabilities, grid, table, outputs.probabilities)
    if not outputs.is_zarr:
        write_class_map(classes, grid, table, outputs.out, job)
    elif confidence is not None and probabilities is not None:
        write_zarr(classes, confidence, probabilities, grid, table, outputs.out, job)
    return pixels
