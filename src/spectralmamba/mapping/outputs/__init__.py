"""Maps as files that a GIS or other programs open: Cloud Optimized GeoTIFFs, Zarr, polygons, styles."""

from spectralmamba.mapping.outputs.geotiff import write_class_map, write_confidence, write_probabilities
from spectralmamba.mapping.outputs.made_by import job_of
from spectralmamba.mapping.outputs.polygons import write_polygons
from spectralmamba.mapping.outputs.request import MapOutputs
from spectralmamba.mapping.outputs.sieve import sieve_classes
from spectralmamba.mapping.outputs.write import write_outputs
from spectralmamba.mapping.outputs.zarr_store import write_zarr

__all__ = [
    "MapOutputs",
    "job_of",
    "sieve_classes",
    "write_class_map",
    "write_confidence",
    "write_outputs",
    "write_polygons",
    "write_probabilities",
    "write_zarr",
]
