"""Products as DLR's ground segments deliver them (EnMAP, DESIS): files whose names begin alike, in one folder.

``<stem>-METADATA.XML`` says all about the bands, ``<stem>-SPECTRAL_IMAGE.TIF`` (or an ENVI image) holds the numbers,
``<stem>-QL_….TIF`` say what is wrong with pixels. Names are met in capitals and in small letters; the copies that DLR's
catalogue hands out end in ``_COG``.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import SceneError

Floats = NDArray[np.float64]

METADATA = "METADATA"

_PART = re.compile(
    r"^(?P<stem>.+)-(?:METADATA|SPECTRAL_IMAGE|HISTORY|LOG|STAC|THUMBNAIL|QL_[A-Z_0-9-]+)", re.IGNORECASE
)
_COPY = "_COG"

_HEAD_BYTES = 4096
"""How much of the metadata is looked at to tell whose they are."""


@dataclass(frozen=True)
class Product:
    """A folder and what the names of its files begin with."""

    folder: Path
    stem: str

    def find(self, part: str) -> list[Path]:
        """Files of a part, such as ``QL_QUALITY_CLOUD``, in any case; the original before its copy."""
        wanted = [f"{self.stem}-{part}{end}".upper() for end in ("", _COPY)]
        files = [path for path in sorted(self.folder.iterdir()) if path.stem.upper() in wanted and path.is_file()]
        return sorted(files, key=lambda path: wanted.index(path.stem.upper()))

    def metadata(self) -> Path | None:
        """Return the metadata file; None where there is none."""
        return next((path for path in self.find(METADATA) if path.suffix.lower() == ".xml"), None)

    def begins_with(self, word: bytes, prefix: str) -> bool:
        """Whether a word is near the beginning of the metadata or, without any, the names begin with a prefix."""
        path = self.metadata()
        if path is None:
            return self.stem.upper().startswith(prefix)
        with path.open("rb") as file:
            return word in file.read(_HEAD_BYTES)


@dataclass(frozen=True, eq=False)
class Bands:
    """What metadata say of the bands; arrays of shape (n_bands,), wavelength and fwhm in nm."""

    numbers: NDArray[np.intp]
    wavelength: Floats
    fwhm: Floats
    gains: Floats
    offsets: Floats


def products_at(path: Path, word: bytes, prefix: str) -> list[Product]:
    """Products of a mission in a folder, or the one that a file is part of; see :meth:`Product.begins_with`."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    matches = [(file, _PART.match(file.name)) for file in files if file.is_file()]
    stems = {match["stem"].upper(): (file.parent, match["stem"]) for file, match in matches if match is not None}
    return [product for found in stems.values() if (product := Product(*found)).begins_with(word, prefix)]


def only_product(path: Path, products: list[Product]) -> Product:
    """Return the product at a path.

    Raises
    ------
    SceneError
        There are several.
    """
    if len(products) > 1:
        raise SceneError(
            f"the folder {path} holds {len(products)} products ({products[0].stem} and others); "
            "pass the metadata of one, or the list of those that are to become one mosaic"
        )
    return products[0]


def read_metadata(product: Product, mission: str) -> tuple[Path, ET.Element]:
    """Read the metadata of a product.

    Raises
    ------
    SceneError
        They are missing or damaged.
    """
    path = product.metadata()
    if path is None:
        raise SceneError(
            f"the {mission} product {product.folder / product.stem} has no metadata; put "
            f"{product.stem}-{METADATA}.XML, which says its wavelengths and scaling, into its folder"
        )
    try:
        return path, ET.parse(path).getroot()  # noqa: S314 - a file that the user names, and current expat
    except ET.ParseError as error:
        raise SceneError(f"{path} is damaged ({error}); fetch it again") from error


@contextmanager
def understood(path: Path) -> Iterator[None]:
    """Turn what is no number in metadata into a SceneError that names them."""
    try:
        yield
    except ValueError as error:
        raise SceneError(f"{path} has a value that cannot be understood ({error}); fetch it again") from error


def read_bands(root: ET.Element, path: Path, element: str, number: str, names: Mapping[str, str]) -> Bands:
    """Read the bands from metadata, in order of their numbers.

    Parameters
    ----------
    root : Element
    path : pathlib.Path
        Of the metadata, for messages.
    element : str
        Name of a band's element within ``bandCharacterisation``.
    number : str
        Name of the attribute, or the element within, with the band's number.
    names : mapping
        Of the elements for ``wavelength``, ``fwhm``, ``gains`` and ``offsets``.

    Raises
    ------
    SceneError
        A value is missing or no number, or there are no bands.
    """
    found = root.findall(f".//{{*}}bandCharacterisation/{{*}}{element}")
    if not found:
        raise SceneError(f"{path} lists no bands in bandCharacterisation; fetch it again")
    with understood(path):
        numbers = np.array([int(band.get(number) or _text(band, number)) for band in found])
        columns = {key: np.array([float(_text(band, name)) for band in found]) for key, name in names.items()}
    order = np.argsort(numbers)
    return Bands(numbers[order], **{key: column[order] for key, column in columns.items()})


def _text(band: ET.Element, name: str) -> str:
    text = band.findtext(f"{{*}}{name}")
    if text is None:
        raise ValueError(f"no {name}")
    return text
