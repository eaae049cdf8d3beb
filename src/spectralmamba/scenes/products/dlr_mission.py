"""What the readers of EnMAP and DESIS do alike: from a path to the metadata of one product, and on to its scene."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import SceneError
from spectralmamba.scenes.products.dlr import (
    Bands,
    Product,
    only_product,
    products_at,
    read_bands,
    read_metadata,
    understood,
)
from spectralmamba.scenes.products.dlr_image import open_product
from spectralmamba.scenes.products.dlr_quality import exclude_flagged

_LEVEL = "L2A"
_BACKGROUND = -32768.0


@dataclass(frozen=True)
class Mission:
    """How one mission fills DLR's form.

    Attributes
    ----------
    name : str
        For messages.
    word, prefix : bytes, str
        What tells its products, see :meth:`Product.begins_with`.
    level_of : callable
        Product and root of its metadata -> level of processing; empty where it cannot be told.
    element, number, bands : str, str, mapping
        Of the metadata of a band, see :func:`read_bands`.
    layers : mapping of str to (str, sequence of int)
        Quality layers, see :func:`exclude_flagged`.
    """

    name: str
    word: bytes
    prefix: str
    level_of: Callable[[Product, ET.Element], str]
    element: str
    number: str
    bands: Mapping[str, str]
    layers: Mapping[str, tuple[str, Sequence[int]]]

    def recognises(self, path: Path) -> bool:
        """Whether ``path`` is the folder of a product of the mission, or one of its files."""
        return bool(products_at(path, self.word, self.prefix))

    def delivery(self, path: Path, variable: str | None) -> "Delivery":
        """Read the metadata of the one product at a path.

        Raises
        ------
        SceneError
            There are several products, a variable is asked for, the metadata are missing or damaged, or the product is
            of another level.
        """
        if variable is not None:
            raise SceneError(f"{path} is a product of {self.name}, with one image; leave out variable={variable!r}")
        product = only_product(path, products_at(path, self.word, self.prefix))
        metadata, root = read_metadata(product, self.name)
        level = self.level_of(product, root)
        if level != _LEVEL:
            raise SceneError(
                f"{metadata} belongs to a product of {self.name} of level {level or 'unknown'}, which is not "
                f"orthorectified reflectance; pass its {_LEVEL} product"
            )
        bands = read_bands(root, metadata, self.element, self.number, self.bands)
        return Delivery(self, product, metadata, root, bands)


@dataclass(frozen=True, eq=False)
class Delivery:
    """A product whose metadata were read."""

    mission: Mission
    product: Product
    metadata: Path
    root: ET.Element
    bands: Bands

    def open(self, *, good: NDArray[np.bool_] | None = None, coords: dict[Any, Any] | None = None) -> xr.DataArray:
        """Make a scene of it, without the pixels that its quality layers flag.

        Raises
        ------
        SceneError
            The image or a layer is missing, damaged, or does not go with the metadata.
        """
        with understood(self.metadata):
            stated = (
                self.root.findtext(place) for place in (".//{*}specific/{*}backgroundValue", ".//{*}backgroundValue")
            )
            nodata = float(next(filter(None, stated), _BACKGROUND))
        scene = open_product(self.product, self.bands, nodata, good=good, coords=coords or {})
        return exclude_flagged(scene, self.product, self.mission.layers)
