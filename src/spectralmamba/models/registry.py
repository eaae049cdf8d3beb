"""Models by name, so that every command takes every model."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from spectralmamba.errors import ConfigError
from spectralmamba.models.classifier import Classifier

M = TypeVar("M", bound=Classifier)


@dataclass(frozen=True)
class _Entry:
    config_type: type
    build: Callable[..., Classifier]


_MODELS: dict[str, _Entry] = {}


def register_model(name: str, config_type: type) -> Callable[[type[M]], type[M]]:
    """Register a model class, made from its config dataclass alone, under a name."""

    def decorate(model_type: type[M]) -> type[M]:
        if name in _MODELS:
            raise ValueError(f"a model named {name!r} is registered already")
        _MODELS[name] = _Entry(config_type, model_type)
        return model_type

    return decorate


def model_names() -> list[str]:
    """Names that :func:`create_model` knows, sorted."""
    return sorted(_MODELS)


def model_config(name: str, **options: Any) -> Any:  # noqa: ANN401 - each model has a config type of its own
    """Make the checked configuration of a model, which also tells its ``radius`` and ``patch_size``.

    Raises
    ------
    ConfigError
        An unknown name or option, or an impossible value.
    """
    if name not in _MODELS:
        raise ConfigError(f"there is no model {name!r}; use one of: {', '.join(model_names())}")
    entry = _MODELS[name]
    known = [field.name for field in fields(entry.config_type)]
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise ConfigError(f"model {name!r} has no option {unknown[0]!r}; it has: {', '.join(known)}")
    return entry.config_type(**options)


def create_model(name: str, **options: Any) -> Classifier:  # noqa: ANN401 - checked against the model's config
    """Make a model by name.

    Parameters
    ----------
    name : str
        A registered name; see :func:`model_names`.
    **options
        Fields of the model's config, among them ``n_bands``, ``n_classes`` and ``patch_size``.

    Raises
    ------
    ConfigError
        An unknown name or option, or an impossible value.
    """
    config = model_config(name, **options)
    return _MODELS[name].build(config)


def takes_wavelengths(name: str) -> bool:
    """Whether a model's configuration has the bands' wavelengths."""
    return name in _MODELS and "wavelengths" in {field.name for field in fields(_MODELS[name].config_type)}


def model_options(model: Classifier) -> dict[str, Any]:
    """Give the options that make the same model again."""
    return asdict(model.config)
