"""What one unit gave, and the folder that keeps it."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any

from spectralmamba.errors import OutputError, RunError
from spectralmamba.files import write_text
from spectralmamba.locking import take_lock
from spectralmamba.metrics import ConfusionMatrix
from spectralmamba.training import Run


@dataclass(frozen=True, eq=False)
class Result:
    """Accuracy and cost of one training.

    Attributes
    ----------
    key : str
        Digest of configuration and data.
    name, form : str
        Of the model's entry.
    seed : int
    fold : int, optional
    matrix : ConfusionMatrix
        On the test pixels.
    n_train, n_test : int
        Pixels learned from, validation included, and tested on.
    parameters, macs : int
        Of the trained model; MACs of one sample by the paper's rule.
    train_seconds : float
    pixels_per_second : float
        Classification of samples that are in memory.
    split : str
        What was done, in a sentence.
    n_bands : int, optional
        Bands that the model was trained on; None in results that are older than this figure.
    """

    key: str
    name: str
    form: str
    seed: int
    fold: int | None
    matrix: ConfusionMatrix
    n_train: int
    n_test: int
    parameters: int
    macs: int
    train_seconds: float
    pixels_per_second: float
    split: str
    n_bands: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Give all of it as JSON-able values."""
        plain = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "matrix"}
        return plain | {"matrix": self.matrix.to_json()}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Result":
        """Read back what :meth:`to_json` wrote."""
        return cls(**(document | {"matrix": ConfusionMatrix.from_json(document["matrix"])}))


@dataclass(frozen=True)
class ResultFolder:
    """Results by key, one file each, so that an interruption costs the one in hand at most.

    Attributes
    ----------
    path : Path
    keep_runs : bool
        Whether a result counts only with its run directory beside it.
    """

    path: Path
    keep_runs: bool = False

    def _file(self, key: str, suffix: str = ".json") -> Path:
        return self.path / "results" / f"{key}{suffix}"

    @property
    def runs(self) -> Path | None:
        """Where :func:`~spectralmamba.benchmarks.runner.run_unit` is to keep run directories; None for nowhere."""
        return self.path.absolute() if self.keep_runs else None

    def make(self) -> None:
        """Make the folder.

        Raises
        ------
        OutputError
            It cannot be made.
        """
        folder = self.path / "results"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write {folder} ({error.strerror or error}); name another folder") from error

    def find(self, key: str) -> Result | None:
        """Give the result of a unit; None where it has not run.

        Raises
        ------
        RunError
            The file is damaged.
        """
        file = self._file(key)
        if not file.is_file():
            return None
        try:
            return Result.from_json(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"{file} is no result that can be read ({error}); remove it to run it again") from error

    def ready(self, key: str) -> Result | None:
        """Give the result of a unit; None also where its run directory is wanted and not there."""
        result = self.find(key)
        return None if self.keep_runs and not self.has_run(key) else result

    def keep(self, result: Result) -> Result:
        """Write a result, and give it back."""
        self.make()
        write_text(self._file(result.key), json.dumps(result.to_json(), indent=1) + "\n")
        return result

    @contextmanager
    def claimed(self, key: str, *, wait: bool) -> Iterator[bool]:
        """Keep other processes from what ``key`` names during a ``with`` block, which is told whether that is so.

        Without ``wait`` it is not where another process has claimed it. On a file system without locks everything can
        be claimed: then, and only then, two processes may do the same.
        """
        path = self._file(key, ".lock")
        while True:
            with path.open("ab") as file:
                mine = _taken(file, wait=wait)
                if mine and not _is_at(file, path):
                    continue  # who had it before has removed it, and another may have made it anew
                try:
                    yield mine
                finally:
                    if mine:
                        with suppress(OSError):  # Windows removes no open file
                            path.unlink()
                return

    def run_folder(self, key: str) -> Path:
        """Where the run directory of a unit lies."""
        return self.path / "runs" / key

    def has_run(self, key: str) -> bool:
        """Whether the run directory of a unit is there, its training ended."""
        return Run(self.run_folder(key)).trained


def _taken(file: IO[bytes], *, wait: bool) -> bool:
    try:
        return take_lock(file, wait=wait)
    except OSError:  # no locks here
        return True


def _is_at(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False
