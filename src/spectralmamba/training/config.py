"""The configuration of a run: what ``config.yaml`` holds, and what makes the same run again."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from spectralmamba.errors import ConfigError
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.training.options import TrainingOptions


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides a run but its data.

    Attributes
    ----------
    model : str
        Registered name.
    model_options : dict
        Options of the model; bands, classes and wavelengths come from the data.
    training : TrainingOptions
    split : SplitOptions
    drop_classes : tuple of int
        Class numbers to leave out.
    data : tuple of dict
        What was opened, absolute paths: ``scene``, ``labels`` and, where given, ``mask``, ``variable``,
        ``quality``, ``fill_gaps``, ``wavelengths``, ``water_vapour`` (see
        :class:`spectralmamba.scenes.options.SceneOptions`), ``test_labels``, ``validation_labels``, ``more_labels``
        (joined to ``labels``), ``dataset`` (of the catalogue, for the names of its classes), ``attribute``, ``layer``,
        ``classes``, ``merge``, ``point_radius``, ``overlap``, ``all_touched`` (see
        :class:`spectralmamba.labels.options.LabelOptions`), ``name`` (its key), ``resample`` (whether the first scene's
        bands may be computed); for people, and for ``--resume`` to open the same.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    model: str = "spectralmamba"
    model_options: dict[str, Any] = field(default_factory=dict)
    training: TrainingOptions = field(default_factory=TrainingOptions)
    split: SplitOptions = field(default_factory=SplitOptions)
    drop_classes: tuple[int, ...] = ()
    data: tuple[dict[str, str], ...] = ()

    def to_yaml(self) -> str:
        """Write the configuration as YAML."""
        plain = asdict(self)
        plain["drop_classes"], plain["data"] = list(self.drop_classes), list(self.data)
        return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)

    @classmethod
    def from_yaml(cls, path: Path) -> "RunConfig":
        """Read a configuration.

        Raises
        ------
        ConfigError
            The file is missing, no YAML, or holds an unknown key or an impossible value.
        """
        try:
            document = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            reason = " ".join(str(error).split())
            raise ConfigError(f"cannot read the configuration {path} ({reason}); name a YAML file") from error
        try:
            return TypeAdapter(cls).validate_python(document or {})
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the document"
            raise ConfigError(f"{path}: {where}: {first['msg']}; correct it or leave it out") from error
