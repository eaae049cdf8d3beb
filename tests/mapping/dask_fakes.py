"""Models on their way to workers, without PyTorch, and what is done to workers."""

import importlib.metadata
import os
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path

from spectralmamba.errors import SceneError
from tests.mapping.fakes import Neighbourhood


@dataclass(frozen=True, eq=False)
class Troubled(Neighbourhood):
    """Takes its time over a window, and may come to grief on one."""

    seconds: float = 0.0
    trouble: str = ""

    def logits(self, window):
        time.sleep(self.seconds)
        if self.trouble == "error":
            raise SceneError("the file went away; bring it back")
        if self.trouble == "death":
            os.kill(os.getpid(), signal.SIGKILL)
        return super().logits(window)


@dataclass(frozen=True)
class FakeModel:
    """Gives a predictor wherever it arrives, and notes in ``log`` with how many threads."""

    predictor: Troubled = Troubled()
    log: Path | None = None
    digest: str = "fake"

    def load(self, threads: int) -> Neighbourhood:
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(f"{threads}\n")
        return replace(self.predictor, sizes=[])


def pretend(others: dict[str, str | None]) -> None:
    """Make a worker say that it has other versions, or none."""
    real = importlib.metadata.version

    def version(name: str) -> str:
        number = others.get(name, "") or (real(name) if name not in others else None)
        if number is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return number

    version.real = real
    importlib.metadata.version = version


def stop_pretending() -> None:
    importlib.metadata.version = importlib.metadata.version.real


def plugins_of_ours(dask_worker) -> list[str]:
    return [name for name in dask_worker.plugins if name.startswith("spectralmamba")]
