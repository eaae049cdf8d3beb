"""Protocols from files: those of a user, and those that come with the package."""

from dataclasses import replace
from importlib import resources
from pathlib import Path

import yaml

from spectralmamba.benchmarks.checking import made_from
from spectralmamba.benchmarks.protocol import Protocol
from spectralmamba.errors import ConfigError

_FOLDER = "{data}"


def shipped_protocols() -> dict[str, str]:
    """Names and titles of the protocols that come with the package."""
    found = {}
    for file in sorted(resources.files("spectralmamba.benchmarks").joinpath("protocols").iterdir(), key=str):
        if file.name.endswith(".yaml"):
            found[file.name.removesuffix(".yaml")] = str(yaml.safe_load(file.read_text(encoding="utf-8"))["title"])
    return found


def read_protocol(name: str, data: Path | None = None) -> Protocol:
    """Read a protocol.

    Parameters
    ----------
    name : str
        A file, or the name of a shipped protocol.
    data : Path, optional
        What ``{data}`` in it stands for.

    Raises
    ------
    ConfigError
        There is none, it cannot be read, has an unknown key or an impossible value, or needs a data folder.
    """
    text, folder = _text_of(name)
    if _FOLDER in text and data is None:
        raise ConfigError(f"protocol {name} needs a data folder; give it with --data or SPECTRALMAMBA_DATA")
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        quoted = ", paths with {data} in quotation marks" if _FOLDER in text else ""
        reason = " ".join(str(error).split())
        raise ConfigError(f"cannot read the protocol {name} ({reason}); write YAML{quoted}") from error
    protocol = made_from(Protocol, document, f"protocol {name}")
    _require_known_seeds(protocol)
    return _with_paths(protocol, folder, data)


def protocol_text(name: str) -> str:
    """Give a protocol's file as it is written.

    Raises
    ------
    ConfigError
        There is none.
    """
    return _text_of(name)[0]


def _require_known_seeds(protocol: Protocol) -> None:
    """A model's seed that the protocol has not would not be run, and nobody would be told."""
    for entry in protocol.models:
        foreign = sorted(set(entry.seeds or ()) - set(protocol.seeds))
        if foreign:
            raise ConfigError(
                f"protocol {protocol.name}: {entry.name} has seed {foreign[0]}, which the protocol's seeds "
                f"{list(protocol.seeds)} have not; add it to them, or take one of them"
            )


def _text_of(name: str) -> tuple[str, Path]:
    """The text of a protocol and the folder that its paths are relative to."""
    path = Path(name)
    if not path.suffix:
        shipped = list(shipped_protocols())
        if name not in shipped:
            raise ConfigError(f"there is no protocol {name!r}; name a YAML file, or one of: {', '.join(shipped)}")
        file = resources.files("spectralmamba.benchmarks").joinpath("protocols", f"{name}.yaml")
        return file.read_text(encoding="utf-8"), Path()
    try:
        return path.read_text(encoding="utf-8"), path.absolute().parent
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the protocol {name} ({error}); name a YAML file") from error


def _with_paths(protocol: Protocol, folder: Path, data: Path | None) -> Protocol:
    """Make every path of a protocol absolute."""

    def absolute(text: str) -> str:
        return str((folder / text.replace(_FOLDER, str(data))).absolute())

    names = ("scene", "labels", "test_labels", "validation_labels", "mask", "pairs")
    paths = {name: absolute(text) for name in names if (text := getattr(protocol.data, name)) is not None}
    split = dict(protocol.split)
    if "folds" in split:
        split["folds"] = absolute(str(split["folds"]))
    return replace(protocol, data=replace(protocol.data, **paths), split=split)
