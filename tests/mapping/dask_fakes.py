"""Models on their way to workers, without PyTorch."""

import time
from dataclasses import dataclass

from tests.mapping.fakes import Neighbourhood


@dataclass(frozen=True, eq=False)
class Slow(Neighbourhood):
    seconds: float = 0.0

    def logits(self, window):
        time.sleep(self.seconds)
        return super().logits(window)


@dataclass(frozen=True)
class FakeModel:
    """Gives a predictor wherever it arrives, and notes in ``log`` that it did."""

    digest: str = "fake"
    seconds: float = 0.0
    log: str | None = None

    def load(self, threads: int) -> Neighbourhood:
        if self.log is not None:
            with open(self.log, "a") as file:  # noqa: PTH123
                file.write(f"{threads}\n")
        return Slow(seconds=self.seconds)
