"""Scenes with their labels as they were named on the command line, and which of them are held out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from spectralmamba.errors import ConfigError
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.pairs import Pair, held_out, read_pairs
from spectralmamba.scenes.options import SceneOptions

NOT_OPTIONS = ("scene", "labels", "name")


def given_pairs(
    scene: Path | None,
    labels: Path | None,
    more: Sequence[Path],
    file: Path | None,
    kept: Sequence[Mapping[str, str]] = (),
) -> list[Pair]:
    """Put together what is named: ``SCENE LABELS``, ``--pair`` and ``--pairs``, in this order.

    Parameters
    ----------
    scene, labels : Path, optional
    more : sequence of Path
        Further scenes and labels in turn.
    file : Path, optional
        See :func:`spectralmamba.sampling.pairs.read_pairs`.
    kept : sequence of mapping
        Of the run to resume or repeat; its scenes are taken where none is named.

    Raises
    ------
    ConfigError
        A scene without labels, none at all, or a list that cannot be read.
    """
    if len(more) % 2:
        raise ConfigError("--pair takes a scene and its labels; give both")
    if (scene is None) != (labels is None):
        raise ConfigError(f"scene {scene} has no labels; give SCENE LABELS, or a list of them with --pairs")
    pairs = [] if scene is None or labels is None else [Pair(scene.absolute(), labels.absolute())]
    pairs += [Pair(one.absolute(), its.absolute()) for one, its in zip(more[::2], more[1::2], strict=True)]
    pairs += read_pairs(file) if file is not None else ()
    if not pairs:
        pairs = [Pair(Path(item["scene"]), Path(item["labels"])) for item in kept]
    if not pairs:
        raise ConfigError("there is no scene to work on; give SCENE LABELS, or a list of them with --pairs")
    return pairs


def describe_inputs(
    pairs: Sequence[Pair],
    *,
    kept: Sequence[Mapping[str, str]] = (),
    options: SceneOptions,
    label_options: Mapping[str, str] | None = None,
    **files: Path | None,
) -> tuple[dict[str, str], ...]:
    """Say what is to be opened, one dict a scene with its labels, as a run's configuration keeps it.

    Parameters
    ----------
    pairs : sequence of Pair
    kept : sequence of dict
        Of the run to resume: what was given then for the scene in the same place, and is not now, is taken from there.
    options : SceneOptions
        How each scene is to be opened; a mask's path may be relative.
    label_options : mapping of str to str, optional
        How labels are to be opened, and the like, as a run keeps it; what a pair says of itself goes before it.
    **files
        ``test_labels``, ``validation_labels``; None where not given.

    Raises
    ------
    ConfigError
        An option that goes with one scene only.
    """
    if options.mask is not None:
        options = replace(options, mask=str(Path(options.mask).absolute()))
    named = {name: str(path.absolute()) for name, path in files.items() if path is not None}
    if len(pairs) > 1 and named:
        raise ConfigError("fixed test or validation labels go with one scene; name those of several in a --pairs list")
    asked = options.to_config() | dict(label_options or {}) | named
    described = []
    for i, pair in enumerate(pairs):
        before = {key: value for key, value in kept[i].items() if key not in NOT_OPTIONS} if i < len(kept) else {}
        item = {"scene": str(pair.scene), "labels": str(pair.labels)} | before | asked | dict(pair.options)
        name = pair.name or (kept[i].get("name") if i < len(kept) else None)
        described.append(item if name is None else item | {"name": name})
    return tuple(described)


def names_held_out(pairs: Sequence[Pair], test: Sequence[str], validation: Sequence[str]) -> dict[str, list[str]]:
    """Put together, as fields of :class:`SplitOptions`, the scenes that options or a list's column hold out.

    Raises
    ------
    ConfigError
        The list says what scenes are for, and none is to be tested on.
    """
    listed = held_out(pairs, [str(pair.scene) for pair in pairs])
    given = {"test_scenes": list(test), "validation_scenes": list(validation)}
    names = {field: [*scenes, *listed.get(field, ())] for field, scenes in given.items()}
    return {field: scenes for field, scenes in names.items() if scenes}


def with_held_out(
    split: SplitOptions, names: Mapping[str, Sequence[str]], data: Sequence[Mapping[str, str]], keys: Sequence[str]
) -> SplitOptions:
    """Put the keys of scenes that are named, or given by path, into the options of a split.

    Parameters
    ----------
    split : SplitOptions
    names : mapping of str to sequence of str
        As :func:`names_held_out` gives them.
    data : sequence of mapping
        What was opened.
    keys : sequence of str
        The keys that the scenes were given, in the same order.

    Raises
    ------
    ConfigError
        There is no such scene, or more than one.
    """
    found = {field: {_key_of(name, data, keys) for name in given} for field, given in names.items()}
    ordered = {field: tuple(key for key in keys if key in chosen) for field, chosen in found.items()}
    return replace(
        split,
        test_scenes=ordered.get("test_scenes", split.test_scenes),
        validation_scenes=ordered.get("validation_scenes", split.validation_scenes),
    )


def _key_of(name: str, data: Sequence[Mapping[str, str]], keys: Sequence[str]) -> str:
    path = str(Path(name).absolute())
    by_path = [key for key, item in zip(keys, data, strict=True) if item["scene"] == path]
    if by_path:
        return by_path[0]
    files = [Path(item["scene"]) for item in data if "name" not in item]
    if len([file for file in files if name in (file.stem, file.name)]) > 1:
        raise ConfigError(f"several scenes are called {name!r}; give the path, or names of their own in a --pairs list")
    if name not in keys:
        raise ConfigError(f"there is no scene {name!r} to hold out; the scenes are {', '.join(keys)}")
    return name
