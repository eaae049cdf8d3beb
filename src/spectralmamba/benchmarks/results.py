"""What one unit gave, and the folder that keeps it."""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from spectralmamba.errors import RunError
from spectralmamba.files import write_text
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
    """Results by key, one file each, so that an interruption costs the one in hand at most."""

    path: Path

    def _file(self, key: str) -> Path:
        return self.path / "results" / f"{key}.json"

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

    def keep(self, result: Result) -> None:
        """Write a result."""
        file = self._file(result.key)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, json.dumps(result.to_json(), indent=1) + "\n")

    def run_folder(self, key: str) -> Path:
        """Where the run directory of a unit lies."""
        return self.path / "runs" / key

    def has_run(self, key: str) -> bool:
        """Whether the run directory of a unit is there, its training ended."""
        return Run(self.run_folder(key)).trained
