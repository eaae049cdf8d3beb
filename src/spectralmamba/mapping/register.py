"""The register of a folder of maps: which scene each is of, so that names never clash and whole maps are known."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from spectralmamba.errors import OutputError
from spectralmamba.files import write_text
from spectralmamba.locking import take_lock

REGISTER, LOCK, FORMAT = "maps.json", ".maps.lock", 1


@dataclass(frozen=True)
class Entry:
    """A scene and its map.

    Attributes
    ----------
    scene : str
        Absolute path.
    map : str
        Name of the file in the folder.
    job : str
        Digest of what the map was made from; empty as long as it is not whole.
    pixels : dict of str to int
        Of each class number.
    seconds : float
    """

    scene: str
    map: str
    job: str = ""
    pixels: dict[str, int] | None = None
    seconds: float = 0.0


class Register:
    """Entries of a folder, kept in ``maps.json``; several processes may work in one folder.

    Parameters
    ----------
    folder : Path
        It is made where it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names_for(self, scenes: Sequence[Path]) -> dict[Path, str]:
        """Give each scene the name of its map: the one it has in the register, or a new one after the scene.

        Scenes of one name are told apart by their folders, and where that does not do by numbers. A file that is in
        the folder and not in the register keeps its name for itself.

        Raises
        ------
        OutputError
            The folder cannot be written, or its register is damaged.
        """
        with self._changing() as entries:
            for scene in scenes:
                if str(scene.absolute()) not in entries:
                    taken = {entry.map.casefold() for entry in entries.values()}
                    taken |= {path.name.casefold() for path in self.folder.iterdir()}
                    entries[str(scene.absolute())] = Entry(str(scene.absolute()), _free_name(scene, taken))
            return {scene: entries[str(scene.absolute())].map for scene in scenes}

    def whole(self, scene: Path) -> Entry | None:
        """Give the entry of a scene whose map is whole and there; None otherwise."""
        entry = self._read().get(str(scene.absolute()))
        return entry if entry is not None and entry.job and (self.folder / entry.map).is_file() else None

    def note(self, scene: Path, job: str, pixels: dict[int, int], seconds: float) -> None:
        """Note that the map of a scene is whole."""
        with self._changing() as entries:
            key = str(scene.absolute())
            counts = {str(number): count for number, count in pixels.items()}
            entries[key] = replace(entries[key], job=job, pixels=counts, seconds=round(seconds, 3))

    def _read(self) -> dict[str, Entry]:
        path = self.folder / REGISTER
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if document["format"] != FORMAT:
                raise OutputError(f"{path} has format {document['format']}, this version reads {FORMAT}; name another")
            return {item["scene"]: Entry(**item) for item in document["maps"]}
        except FileNotFoundError:
            return {}
        except OutputError:
            raise
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OutputError(f"{path} is damaged ({error}); move it away, or name another folder") from error

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Entry]]:
        """Read the entries, and write them back when the block ends well; one process at a time."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / LOCK).open("ab")
        except OSError as error:
            raise OutputError(f"cannot write {self.folder} ({error.strerror or error}); name another folder") from error
        with file:
            while not take_lock(file, wait=True):
                pass
            entries = self._read()
            yield entries
            maps = [asdict(entry) for entry in entries.values()]
            write_text(self.folder / REGISTER, json.dumps({"format": FORMAT, "maps": maps}, indent=1) + "\n")


def _free_name(scene: Path, taken: set[str]) -> str:
    path = scene.absolute()
    stem = path.stem if path.suffix and not path.is_dir() else path.name
    stems = [_safe(stem), _safe(f"{path.parent.name}_{stem}")]
    names = (f"{name}.tif" for name in stems)
    free = next((name for name in names if name.casefold() not in taken), None)
    number = 2
    while free is None:
        name = f"{stems[-1]}_{number}.tif"
        free, number = (None if name.casefold() in taken else name), number + 1
    return free


def _safe(name: str) -> str:
    return re.sub(r"[^\w.+-]", "_", name).lstrip(".") or "scene"
