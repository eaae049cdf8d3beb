"""What was named on the command line: paths that go together, and outputs that spare the inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from spectralmamba.errors import ConfigError, OutputError
from spectralmamba.scenes.options import SceneOptions


def keep_inputs(targets: Sequence[Path], run: Path, inputs: Sequence[Path]) -> None:
    """Refuse outputs that would take the place of an input, lie in the run, or join the tiles of a folder.

    Raises
    ------
    OutputError
        An output is one of these.
    """
    for target in (path.resolve() for path in targets):
        if run.resolve() in (target, *target.parents):
            raise OutputError(f"cannot write {target}: it lies in the run {run}; name another place")
        for source in (path.resolve() for path in inputs):
            if target == source or (source.is_dir() and target.parent == source):
                raise OutputError(f"cannot write {target}: it is, or lies among, what is read; name another place")


def describe_inputs(
    scene: Path,
    labels: Path,
    more: Sequence[Path],
    *,
    kept: Sequence[Mapping[str, str]] = (),
    options: SceneOptions,
    label_options: Mapping[str, str] | None = None,
    **files: Path | None,
) -> tuple[dict[str, str], ...]:
    """Say what is to be opened, one dict a scene with its labels, as a run's configuration keeps it.

    Parameters
    ----------
    scene, labels : Path
    more : sequence of Path
        Further scenes and labels in turn.
    kept : sequence of dict
        Of the run to resume: what was given then, and is not now, is taken from there.
    options : SceneOptions
        How each scene is to be opened; a mask's path may be relative.
    label_options : mapping of str to str, optional
        How labels are to be opened, as a run keeps it.
    **files
        ``test_labels``, ``validation_labels``; None where not given.

    Raises
    ------
    ConfigError
        An odd number of paths in ``more``, or an option that goes with one scene only.
    """
    if len(more) % 2:
        raise ConfigError("--pair takes a scene and its labels; give both")
    if options.mask is not None:
        options = replace(options, mask=str(Path(options.mask).absolute()))
    asked = options.to_config() | dict(label_options or {})
    asked |= {name: str(path.absolute()) for name, path in files.items() if path is not None}
    before = {key: value for key, value in (kept[0] if kept else {}).items() if key not in ("scene", "labels")}
    asked = before | asked
    if more and {"test_labels", "validation_labels"} & set(asked):
        raise ConfigError("fixed test or validation labels go with one scene; leave out --pair")
    paths = [(scene, labels), *zip(more[::2], more[1::2], strict=True)]
    return tuple({"scene": str(one.absolute()), "labels": str(its.absolute())} | asked for one, its in paths)
