"""Scenes with their labels, as a table in a file lists them."""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spectralmamba.errors import ConfigError
from spectralmamba.sampling.split import PARTS

PATHS = ("mask", "test_labels", "validation_labels")
TEXTS = ("variable", "attribute", "layer")
NEEDED = ("scene", "labels")
COLUMNS = (*NEEDED, "name", "part", *PATHS, *TEXTS)


@dataclass(frozen=True)
class Pair:
    """A scene and its labels.

    Attributes
    ----------
    scene, labels : Path
    name : str, optional
        The scene's key in the run; its own name where not given.
    part : str, optional
        ``train``, ``validation`` or ``test``: what a split by scene uses it for.
    options : mapping of str to str
        What else is particular to it, of :data:`PATHS` and :data:`TEXTS`, as ``RunConfig.data`` has it.
    """

    scene: Path
    labels: Path
    name: str | None = None
    part: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.part is not None and self.part not in PARTS:
            raise ConfigError(f"scene {self.scene} has the part {self.part!r}; use one of: {', '.join(PARTS)}")


def read_pairs(path: Path) -> tuple[Pair, ...]:
    """Read a table of scenes and labels.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 with a head line, separated by commas, semicolons or tabs: ``scene`` and ``labels``, and where
        wanted ``name``, ``part``, ``mask``, ``test_labels``, ``validation_labels``, ``variable``, ``attribute`` and
        ``layer``. Paths are relative to the file's folder; an empty cell is not given.

    Raises
    ------
    ConfigError
        The file is missing, has other columns, no row, a row without scene or labels, or one scene or name twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the list of scenes {path} ({error}); name a CSV file in UTF-8") from error
    pairs = tuple(_pair(path, number, cells) for number, cells in _rows(path, text))
    if not pairs:
        raise ConfigError(f"the list {path} has no scene; add a row for each")
    _require_unique(path, "scene", [str(pair.scene) for pair in pairs])
    _require_unique(path, "name", [pair.name for pair in pairs if pair.name is not None])
    return pairs


def _rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Number of the line and cells of each row that is not empty, those that are not given left out."""
    head = text.partition("\n")[0]
    lines = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        columns = [name.strip().lower() for name in next(lines, [])]
        _check_columns(path, columns)
        for line in lines:
            if len(line) > len(columns):
                raise ConfigError(f"{path}: line {lines.line_num} has more values than columns; put them in quotes")
            cells = {name: cell.strip() for name, cell in zip(columns, line, strict=False) if cell.strip()}
            if cells:
                yield lines.line_num, cells
    except csv.Error as error:
        raise ConfigError(f"{path}: line {lines.line_num} cannot be read ({error}); correct it") from error


def _check_columns(path: Path, columns: list[str]) -> None:
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise ConfigError(f"{path} is no list of scenes: its first line has to name the columns {', '.join(NEEDED)}")
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown:
        raise ConfigError(f"{path} has the column {unknown[0]!r}; those of a list of scenes are {', '.join(COLUMNS)}")
    _require_unique(path, "column", columns)


def _pair(path: Path, number: int, cells: Mapping[str, str]) -> Pair:
    missing = [name for name in NEEDED if name not in cells]
    if missing:
        raise ConfigError(f"{path}: line {number} has no {missing[0]}; fill it in, or leave the line out")

    def place(name: str) -> Path:
        return (path.parent / Path(cells[name]).expanduser()).absolute()

    options = {name: str(place(name)) for name in PATHS if name in cells}
    options |= {name: cells[name] for name in TEXTS if name in cells}
    return Pair(place("scene"), place("labels"), cells.get("name"), cells.get("part"), options)


def _require_unique(path: Path, what: str, values: list[str]) -> None:
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        raise ConfigError(f"{path} has the {what} {twice[0]} twice; keep one")


def held_out(pairs: Sequence[Pair], names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Give, as fields of ``SplitOptions``, the names of those that the list says are held out.

    Raises
    ------
    ConfigError
        The list says what scenes are for, and none is to be tested on.
    """
    found = {
        f"{part}_scenes": tuple(name for pair, name in zip(pairs, names, strict=True) if pair.part == part)
        for part in ("validation", "test")
    }
    if any(pair.part for pair in pairs) and not found["test_scenes"]:
        raise ConfigError("the list of scenes has a part for some, but test for none; write it for at least one")
    return {name: scenes for name, scenes in found.items() if scenes}


def distinct_key(name: str, taken: Collection[str]) -> str:
    """Number a name that another scene has already."""
    key, i = name, 2
    while key in taken:
        key, i = f"{name}_{i}", i + 1
    return key
