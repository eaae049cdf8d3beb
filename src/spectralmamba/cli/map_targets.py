"""The files that ``spectralmamba map`` is asked for, and whether they may be written."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spectralmamba.cli.console import note
from spectralmamba.cli.inputs import keep_inputs
from spectralmamba.errors import ConfigError, OutputError
from spectralmamba.files import require_writable
from spectralmamba.mapping.work import folder_of
from spectralmamba.models.saved import DESCRIPTION


@dataclass(frozen=True)
class Targets:
    """Where the results of one scene go.

    Attributes
    ----------
    out : Path
        The map.
    confidence, figure : Path, optional
    """

    out: Path
    confidence: Path | None = None
    figure: Path | None = None

    @property
    def paths(self) -> list[Path]:
        """All of them."""
        return [path for path in (self.out, self.confidence, self.figure) if path is not None]

    def check(self, run: Path, inputs: Sequence[Path], *, resume: bool, overwrite: bool) -> None:
        """Refuse places that cannot be written, hold something that is not to be replaced, or are one another's.

        Raises
        ------
        OutputError
        """
        keep_inputs(self.paths, run, inputs)
        for path in filter(None, (self.out, self.confidence)):
            if path.suffix.lower() not in (".tif", ".tiff"):
                raise OutputError(f"cannot write {path}: maps are GeoTIFFs; name a file that ends in .tif")
        # Where a work folder is, the question was answered when the map was begun.
        spare = not overwrite and not (resume and folder_of(self.out).is_dir())
        for path in self.paths:
            require_writable(path)
            if path.is_dir():
                raise OutputError(f"cannot write {path}: it is a folder; name a file such as {path / 'map.tif'}")
            if path.exists() and spare:
                raise OutputError(f"{path} is there already; name another file or use --overwrite")
        if self.figure is not None and self.figure.suffix.lower() != ".png":
            raise OutputError(f"cannot draw {self.figure}: figures are PNG; name a file that ends in .png")
        if len({path.absolute() for path in self.paths}) < len(self.paths):
            raise OutputError(f"two outputs would both be {self.out}; name different files")

    def need_work(self, run: Path, scene: Path, inputs: Sequence[Path], *, resume: bool, overwrite: bool) -> bool:
        """Whether there is anything to do; False where all is whole and to be resumed. Checks as :meth:`check` does.

        Raises
        ------
        OutputError
            Also where what is whole is older than what it was made from.
        """
        if not resume or folder_of(self.out).is_dir() or not all(path.is_file() for path in self.paths):
            self.check(run, [scene, *inputs], resume=resume, overwrite=overwrite)
            return True
        written = min(path.stat().st_mtime_ns for path in self.paths)
        changed, source = _newest_change([run / DESCRIPTION, scene, *inputs])
        if changed > written:
            raise OutputError(f"{self.out} is there already but older than {source}; map again with --overwrite")
        note(f"{self.out} is whole already; --overwrite maps again")
        return False


def _newest_change(paths: Sequence[Path]) -> tuple[int, Path]:
    return max(((path.stat().st_mtime_ns, path) for path in paths if path.is_file()), default=(0, Path()))


def check_folders(targets: Targets, inputs: Sequence[Path]) -> None:
    """Refuse what does not go with several scenes.

    Raises
    ------
    ConfigError, OutputError
    """
    if targets.figure is not None or inputs:
        raise ConfigError("--figure, --labels and --mask go with one scene; leave them out, or map one by one")
    for path in targets.paths:
        if path.is_file() or path.suffix.lower() in (".tif", ".tiff"):
            raise OutputError(f"several scenes go into a folder, not into {path}; name a folder")
        require_writable(path)
    if targets.confidence is not None and targets.confidence.resolve() == targets.out.resolve():
        raise ConfigError("maps and confidences have the same names; give --confidence a folder of its own")


def check_options(*, resume: bool, overwrite: bool) -> None:
    """Refuse options that contradict each other.

    Raises
    ------
    ConfigError
    """
    if resume and overwrite:
        raise ConfigError("--resume and --overwrite contradict each other; give one of them")
