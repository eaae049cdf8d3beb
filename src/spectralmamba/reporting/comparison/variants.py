"""Entries of SpectralMamba that differ in the options that an ablation or a sweep turns."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from spectralmamba.benchmarks.protocol import ModelEntry
from spectralmamba.benchmarks.record import Benchmark
from spectralmamba.benchmarks.summary import Row
from spectralmamba.models.config import SpectralMambaConfig

MODEL = "spectralmamba"
DEFAULTS: Mapping[str, Any] = {field.name: field.default for field in fields(SpectralMambaConfig)}
_TURNED = ("gssm", "s6", "piece_size", "layout")


@dataclass(frozen=True, eq=False)
class Variant:
    """An entry of SpectralMamba with its row of the table and its options.

    Attributes
    ----------
    entry : ModelEntry
    row : Row
    gssm : bool
        Off in the pixelwise form, which starts behind it.
    piece_size : int
        R; 1 is PSS off.
    layout : str
    s6 : bool
    others : tuple of (str, str)
        Whatever else the entry sets, in order: what has to be the same for a comparison.
    """

    entry: ModelEntry
    row: Row
    gssm: bool
    piece_size: int
    layout: str
    s6: bool
    others: tuple[tuple[str, str], ...]

    @property
    def pss(self) -> bool:
        """Whether the spectrum is cut into pieces."""
        return self.piece_size > 1

    @property
    def parts(self) -> tuple[bool, bool, bool]:
        """GSSM, PSS and S6, on or off."""
        return self.gssm, self.pss, self.s6


def variants_of(benchmark: Benchmark) -> list[Variant]:
    """List a benchmark's entries of SpectralMamba."""
    return [_variant(entry, row) for entry, row in benchmark.pairs if entry.model == MODEL]


def _variant(entry: ModelEntry, row: Row) -> Variant:
    options = dict(DEFAULTS) | dict(entry.options)
    set_here = {name: value for name, value in entry.options.items() if name not in _TURNED}
    others = {name: value for name, value in set_here.items() if value != DEFAULTS.get(name)}
    others |= {f"training {name}": value for name, value in entry.training.items()}
    return Variant(
        entry,
        row,
        gssm=bool(options["gssm"]) and entry.patch_size > 1,
        piece_size=int(options["piece_size"]),
        layout=str(options["layout"]),
        s6=bool(options["s6"]),
        others=tuple(sorted((name, str(value)) for name, value in others.items())),
    )
