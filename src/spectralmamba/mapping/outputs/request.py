"""What is to be written of a map, checked before anything is computed."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

from spectralmamba.errors import ConfigError, OutputError
from spectralmamba.mapping.outputs.made_by import companions

_TIFF = (".tif", ".tiff")
_ZARR = ".zarr"
_GEOPACKAGE = ".gpkg"


@dataclass(frozen=True)
class MapOutputs:
    """The files that a map is to become.

    Parameters
    ----------
    out : Path
        The classes: a GeoTIFF (``.tif``, ``.tiff``), or a folder of arrays (``.zarr``) that holds classes, confidence
        and probabilities together.
    confidence, probabilities : Path, optional
        GeoTIFFs.
    polygons : Path, optional
        A GeoPackage (``.gpkg``).
    sieve : int
        Patches of fewer pixels go to their surroundings, in the map and the polygons; confidence and probabilities are
        those of the model still. 1, the default, changes nothing.

    Raises
    ------
    OutputError
        A suffix that names another format, two outputs under one name, or a format whose library is not installed.
    ConfigError
        ``sieve`` is below 1.
    """

    out: Path
    confidence: Path | None = None
    probabilities: Path | None = None
    polygons: Path | None = None
    sieve: int = 1

    def __post_init__(self) -> None:
        _require_suffix(self.out, "the map", (*_TIFF, _ZARR))
        _require_suffix(self.confidence, "the confidence", _TIFF)
        _require_suffix(self.probabilities, "the probabilities", _TIFF)
        _require_suffix(self.polygons, "the polygons", (_GEOPACKAGE,))
        _require_apart(self.files)
        if self.sieve < 1:
            raise ConfigError(f"patches of fewer than {self.sieve} pixels cannot be sieved; give at least 1 pixel")
        if self.is_zarr and find_spec("zarr") is None:
            raise OutputError(
                f"cannot write {self.out}: zarr is not installed; python -m pip install 'spectralmamba[distributed]', "
                "or name a file that ends in .tif"
            )

    @property
    def is_zarr(self) -> bool:
        """Whether the map is a folder of arrays."""
        return self.out.suffix.lower() == _ZARR

    @property
    def needs_confidence(self) -> bool:
        """Whether confidences have to be kept."""
        return self.is_zarr or self.confidence is not None

    @property
    def needs_probabilities(self) -> bool:
        """Whether probabilities have to be kept."""
        return self.is_zarr or self.probabilities is not None

    @property
    def named(self) -> tuple[Path, ...]:
        """What was asked for by name, the map first."""
        return tuple(path for path in (self.out, self.confidence, self.probabilities, self.polygons) if path)

    @property
    def files(self) -> tuple[Path, ...]:
        """All that will be written, with what stands beside the map."""
        return self.named if self.is_zarr else (*self.named, *companions(self.out))

    def require_free(self, *, overwrite: bool) -> None:
        """Check that nothing is in the way.

        Parameters
        ----------
        overwrite : bool
            Files, and folders that Zarr wrote, may be replaced.

        Raises
        ------
        OutputError
            Something is.
        """
        for path in self.files:
            if path.is_dir() and not (path == self.out and _may_be_replaced(path, zarr=self.is_zarr)):
                raise OutputError(f"cannot write {path}: it is a folder; name another, such as {path / 'map.tif'}")
            if path.exists() and not overwrite:
                raise OutputError(f"{path} is there already; name another file or use --overwrite")


def _may_be_replaced(folder: Path, *, zarr: bool) -> bool:
    return zarr and ((folder / "zarr.json").exists() or not any(folder.iterdir()))


def _require_suffix(path: Path | None, what: str, suffixes: tuple[str, ...]) -> None:
    if path is not None and path.suffix.lower() not in suffixes:
        raise OutputError(f"cannot write {what} as {path}; name a file that ends in {' or '.join(suffixes)}")


def _require_apart(files: tuple[Path, ...]) -> None:
    for one, other in _pairs(files):
        if one == other:
            raise OutputError(f"two outputs would both be {one}; name different files")
        if one in other.parents or other in one.parents:
            raise OutputError(f"{one} and {other} would lie in one another; name different places")


def _pairs(files: tuple[Path, ...]) -> Iterator[tuple[Path, Path]]:
    return combinations([path.resolve() for path in files], 2)
