"""The run directory: where each file of a run lies, and how one is begun, gone on with or replaced."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spectralmamba.errors import OutputError, RunError
from spectralmamba.files import parent_folder, require_writable, write_text
from spectralmamba.models.saved import DESCRIPTION, MODEL_FILES
from spectralmamba.sampling.split import Split
from spectralmamba.training.checkpoint import CheckpointStore
from spectralmamba.training.config import RunConfig


@dataclass(frozen=True)
class Run:
    """A folder that ``train`` writes: enough to repeat, resume, evaluate and map."""

    path: Path

    @property
    def config_file(self) -> Path:
        """What was asked for."""
        return self.path / "config.yaml"

    @property
    def split_folder(self) -> Path:
        """Which pixels were used for what."""
        return self.path / "split"

    @property
    def history_file(self) -> Path:
        """One row an epoch."""
        return self.path / "history.csv"

    @property
    def metrics_file(self) -> Path:
        """Accuracy on the test pixels."""
        return self.path / "metrics.json"

    @property
    def figures_folder(self) -> Path:
        """Pictures."""
        return self.path / "figures"

    @property
    def report_file(self) -> Path:
        """All of it on one page."""
        return self.path / "report.html"

    @property
    def checkpoints(self) -> CheckpointStore:
        """State during training."""
        return CheckpointStore(self.path / "checkpoints")

    @property
    def trained(self) -> bool:
        """Whether training has ended; the description of the model is the last thing that it writes."""
        return (self.path / DESCRIPTION).is_file()

    def config(self) -> RunConfig:
        """Read the configuration.

        Raises
        ------
        RunError
            This is no run directory.
        """
        if not self.config_file.is_file():
            raise RunError(f"{self.path} is no run directory (it has no config.yaml); name one that 'train' wrote")
        return RunConfig.from_yaml(self.config_file)

    def split(self) -> Split:
        """Read the split."""
        return Split.load(self.split_folder)

    def write_metrics(self, metrics: dict[str, Any]) -> None:
        """Write ``metrics.json``."""
        write_text(self.metrics_file, json.dumps(metrics, indent=2, allow_nan=False) + "\n")

    def metrics(self) -> dict[str, Any]:
        """Read ``metrics.json``; empty where there is none yet."""
        if not self.metrics_file.is_file():
            return {}
        document: dict[str, Any] = json.loads(self.metrics_file.read_text(encoding="utf-8"))
        return document

    def identity(self) -> str:
        """Read the digest of the data and options that the model was trained with; empty where it has none."""
        try:
            document = json.loads((self.path / DESCRIPTION).read_text(encoding="utf-8"))
            return str(document["training"]["identity"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def check_place(self, *, resume: bool, overwrite: bool) -> None:
        """Refuse a place where this run cannot be written; touches nothing.

        Raises
        ------
        RunError
            There is a run already, or something that is none.
        OutputError
            The folder cannot be written.
        """
        if resume and overwrite:
            raise RunError("--resume and --overwrite contradict each other; give one of them")
        require_writable(self.path)
        if self.path.exists() and not self.path.is_dir():
            raise RunError(f"{self.path} is a file; name a folder for the run")
        content = [p for p in self.path.iterdir() if not p.name.startswith(".")] if self.path.is_dir() else []
        if not content:
            return
        if not self.config_file.is_file():
            raise RunError(f"{self.path} holds files but no run; name another folder")
        if not (resume or overwrite):
            raise RunError(f"{self.path} holds a run already; go on with --resume, replace it with --overwrite")

    @contextmanager
    def claimed(self, config: RunConfig, *, keep: bool) -> Iterator[None]:
        """Write the configuration of a run whose data are still to be read; it goes again where the block fails.

        So a process that is killed meanwhile leaves a run that ``--resume`` knows the options of.

        Parameters
        ----------
        config : RunConfig
        keep : bool
            There is a run already; it is left as it is.
        """
        if keep:
            yield
            return
        with parent_folder(self.config_file):
            write_text(self.config_file, config.to_yaml())
            try:
                yield
            except BaseException:
                self.config_file.unlink(missing_ok=True)
                raise

    def begin(self, config: RunConfig, split: Split, *, overwrite: bool) -> None:
        """Write what is decided before training.

        The configuration comes first: a folder with one is a run, and whatever else is missing is made again from it.

        Raises
        ------
        OutputError
            The folder cannot be written.
        """
        try:
            if overwrite:
                self._clear()
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write the run {self.path} ({error.strerror or error}); name another") from error
        write_text(self.config_file, config.to_yaml())
        split.save(self.split_folder)

    def _clear(self) -> None:
        """Remove the files of the run that is replaced, the configuration last, and nothing else."""
        for folder in (self.path / "checkpoints", self.split_folder, self.figures_folder):
            shutil.rmtree(folder, ignore_errors=True)
        for name in (*MODEL_FILES, "history.csv", "metrics.json", "report.html", "config.yaml"):
            (self.path / name).unlink(missing_ok=True)
