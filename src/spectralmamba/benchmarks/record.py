"""What a benchmark was asked for, kept beside its results, and both read back together."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from spectralmamba.benchmarks.protocol import ModelEntry, Protocol
from spectralmamba.benchmarks.results import Result, ResultFolder
from spectralmamba.benchmarks.summary import Row, Summary, summarise
from spectralmamba.errors import RunError
from spectralmamba.files import write_text

FILE = "protocol.json"
FORMAT = 1


@dataclass(frozen=True, eq=False)
class Benchmark:
    """A benchmark that has ended.

    Attributes
    ----------
    folder : Path
    protocol : Protocol
        As it was run: paths absolute, seeds those that were asked for.
    results : tuple of Result
        Of every model, seed and fold, in the order they were planned in.
    """

    folder: Path
    protocol: Protocol
    results: tuple[Result, ...]

    @cached_property
    def summary(self) -> Summary:
        """The table."""
        return summarise(self.protocol, self.results)

    @property
    def pairs(self) -> list[tuple[ModelEntry, Row]]:
        """Each model's entry with its row of the table."""
        rows = {row.name: row for row in self.summary.rows}
        return [(entry, rows[entry.name]) for entry in self.protocol.models if entry.name in rows]

    def only(self, names: Sequence[str]) -> "Benchmark":
        """Keep the models with these labels or registered names; ConfigError where one is not there."""
        return self.with_rows([entry.name for entry in self.protocol.only(list(names)).models])

    def with_rows(self, names: Sequence[str]) -> "Benchmark":
        """Keep the models with exactly these names in tables."""
        protocol = replace(self.protocol, models=tuple(e for e in self.protocol.models if e.name in names))
        return replace(self, protocol=protocol, results=tuple(r for r in self.results if r.name in names))


def write_record(protocol: Protocol, keys: Sequence[str], folder: Path) -> None:
    """Write what is about to be run.

    Parameters
    ----------
    protocol : Protocol
    keys : sequence of str
        Of its units, in order.
    folder : Path
        Of the results.
    """
    document = {"format": FORMAT, "protocol": asdict(protocol), "runs": list(keys)}
    write_text(folder / FILE, json.dumps(document, indent=1, default=str) + "\n")


def read_benchmark(folder: Path) -> Benchmark:
    """Read a benchmark's protocol and all its results.

    Raises
    ------
    RunError
        The folder holds no benchmark, one that cannot be read, or one that has not ended.
    """
    protocol, keys = _read_record(folder)
    results = [ResultFolder(folder).find(key) for key in keys]
    there = tuple(result for result in results if result is not None)
    if len(there) < len(keys):
        raise RunError(
            f"{folder} is an unfinished benchmark ({len(there)} of {len(keys)} runs); run the same command again there"
        )
    return Benchmark(folder, protocol, there)


def _read_record(folder: Path) -> tuple[Protocol, list[str]]:
    file = folder / FILE
    if not file.is_file():
        old = (folder / "results").is_dir()
        advice = "run it again there, nothing is computed twice" if old else "name one that 'benchmark' wrote"
        raise RunError(f"{folder} holds no benchmark (it has no {FILE}); {advice}")
    try:
        document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return TypeAdapter(Protocol).validate_python(document["protocol"]), [str(key) for key in document["runs"]]
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        reason = " ".join(str(error).split())
        raise RunError(f"{file} cannot be read ({reason}); run the benchmark again in that folder") from error
