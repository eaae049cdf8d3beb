"""The files that ``spectralmamba map`` is asked for, and whether they may be written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from spectralmamba.cli.inputs import keep_inputs
from spectralmamba.errors import ConfigError, OutputError
from spectralmamba.files import require_writable
from spectralmamba.mapping import MapOutputs
from spectralmamba.mapping.outputs import job_of
from spectralmamba.mapping.work import folder_of

_SUFFIXES = (".tif", ".tiff", ".zarr", ".gpkg")


@dataclass(frozen=True)
class Targets:
    """Where the results of one scene go; of several scenes, the folders they go to.

    Attributes
    ----------
    out : Path
        The map.
    confidence, figure, probabilities, polygons : Path, optional
    sieve : int
        See :class:`spectralmamba.mapping.MapOutputs`.
    """

    out: Path
    confidence: Path | None = None
    figure: Path | None = None
    probabilities: Path | None = None
    polygons: Path | None = None
    sieve: int = 1

    @property
    def paths(self) -> list[Path]:
        """All of them."""
        asked = (self.out, self.confidence, self.probabilities, self.polygons, self.figure)
        return [path for path in asked if path is not None]

    @property
    def outputs(self) -> MapOutputs:
        """What mapping is to write."""
        return MapOutputs(self.out, self.confidence, self.probabilities, self.polygons, self.sieve)

    @property
    def are_whole(self) -> bool:
        """Whether all is there and nothing unfinished; Zarr is a folder, which appears when it is whole."""
        return not folder_of(self.out).is_dir() and all(
            path.is_dir() if path.suffix.lower() == ".zarr" else path.is_file() for path in self.paths
        )

    def inside(self, name: str) -> "Targets":
        """Name the files of a scene in these folders, by that of its map."""
        return replace(
            self,
            out=self.out / name,
            confidence=None if self.confidence is None else self.confidence / name,
            probabilities=None if self.probabilities is None else self.probabilities / name,
            polygons=None if self.polygons is None else self.polygons / Path(name).with_suffix(".gpkg"),
        )

    def check(self, run: Path, inputs: Sequence[Path], *, resume: bool, overwrite: bool) -> None:
        """Refuse places that cannot be written, hold something that is not to be replaced, or are one another's.

        Raises
        ------
        OutputError
        """
        outputs = self.outputs
        keep_inputs(self.paths, run, inputs)
        for path in self.paths:
            require_writable(path)
        # Where a work folder is, the question was answered when the map was begun.
        replaces = overwrite or (resume and folder_of(self.out).is_dir())
        outputs.require_free(overwrite=replaces)
        if self.figure is not None:
            _check_figure(self.figure, outputs, overwrite=replaces)

    def require_made_by(self, job: str) -> None:
        """Refuse a whole map that another job made.

        Parameters
        ----------
        job : str
            Digest of what it would be made from now.

        Raises
        ------
        OutputError
        """
        if job_of(self.out) != job:
            raise OutputError(
                f"{self.out} is there already, and not known to be made from this scene by this model with these "
                "options; map again with --overwrite"
            )


def _check_figure(figure: Path, outputs: MapOutputs, *, overwrite: bool) -> None:
    if figure.suffix.lower() != ".png":
        raise OutputError(f"cannot draw {figure}: figures are PNG; name a file that ends in .png")
    if figure.is_dir():
        raise OutputError(f"cannot write {figure}: it is a folder; name a file such as {figure / 'map.png'}")
    if figure.exists() and not overwrite:
        raise OutputError(f"{figure} is there already; name another file or use --overwrite")
    if outputs.out.resolve() in figure.resolve().parents:
        raise OutputError(f"{figure} would lie in {outputs.out}; name another place")


def is_folder(out: Path) -> bool:
    """Whether maps are to go into ``out``: a folder, or a name without a suffix."""
    return out.suffix.lower() not in _SUFFIXES and (out.is_dir() or not out.suffix)


def check_folders(targets: Targets, inputs: Sequence[Path]) -> None:
    """Refuse what does not go with a folder of maps.

    Raises
    ------
    ConfigError, OutputError
    """
    if targets.figure is not None or inputs:
        raise ConfigError(
            "--figure, --labels and --mask go with one scene and a file as --out; leave them out, or map one by one"
        )
    for path in targets.paths:
        if path.is_file() or path.suffix.lower() in _SUFFIXES:
            raise OutputError(
                f"maps of several scenes, and what goes with them, go into folders, not into {path}; name a folder"
            )
        require_writable(path)
    rasters = [path.resolve() for path in (targets.out, targets.confidence, targets.probabilities) if path is not None]
    if len(set(rasters)) < len(rasters):
        raise ConfigError("maps, confidences and probabilities have the same names; give each a folder of its own")
    if targets.sieve < 1:
        raise ConfigError(f"patches of fewer than {targets.sieve} pixels cannot be sieved; give --sieve at least 1")


def check_options(*, resume: bool, overwrite: bool) -> None:
    """Refuse options that contradict each other.

    Raises
    ------
    ConfigError
    """
    if resume and overwrite:
        raise ConfigError("--resume and --overwrite contradict each other; give one of them")
