"""What every model's configuration is checked for, so that an impossible value is refused where its name is known."""

from dataclasses import Field, fields
from numbers import Integral
from types import UnionType
from typing import Any, Literal, get_args, get_origin

from spectralmamba.errors import ConfigError
from spectralmamba.models.classifier import ClassifierConfig

MAX_PATCH_SIZE = 15  # beyond it the merged neighbourhood is no longer one land-cover object at any usual pixel size


def check_fields(config: ClassifierConfig) -> None:
    """Check a configuration by the types of its fields; NumPy's whole numbers become Python's.

    Choices (``Literal``) have to be among those offered, switches have to be bools, and whole numbers have to be at
    least 1, classes at least 2. A field of type ``int | None`` may be None.

    Parameters
    ----------
    config : frozen dataclass
        With ``n_bands``, ``n_classes`` and ``patch_size``.

    Raises
    ------
    ConfigError
        A value is of another type or impossible, with its name.
    """
    numbers = [field.name for field in fields(config) if _check_type(config, field)]  # type: ignore[arg-type]
    check_patch_size(config.patch_size)
    if config.n_classes < 2:
        raise ConfigError(f"a classifier needs at least 2 classes, not {config.n_classes}; label another class")
    for name in numbers:
        if getattr(config, name) < 1:
            raise ConfigError(f"{name} is {getattr(config, name)}; it has to be at least 1")


def check_patch_size(patch_size: int) -> None:
    """Refuse a window that has no centre pixel, or that is too wide to be a neighbourhood.

    Raises
    ------
    ConfigError
        ``patch_size`` is even, below 1 or above :data:`MAX_PATCH_SIZE`.
    """
    if patch_size < 1 or patch_size % 2 == 0 or patch_size > MAX_PATCH_SIZE:
        raise ConfigError(
            f"patch size {patch_size} is not possible; use an odd number from 1 (pixelwise) to {MAX_PATCH_SIZE}"
        )


def _check_type(config: ClassifierConfig, field: "Field[Any]") -> bool:
    """Refuse a value of the wrong type; tell whether it is a whole number."""
    name, value, kind = field.name, getattr(config, field.name), field.type
    if get_origin(kind) is Literal:
        if not any(type(value) is type(choice) and value == choice for choice in get_args(kind)):
            raise ConfigError(f"{name} is {value!r}; use one of: {', '.join(map(str, get_args(kind)))}")
        return False
    optional = isinstance(kind, UnionType)
    kinds = get_args(kind) if optional else (kind,)
    if optional and value is None:
        return False
    if bool in kinds and not isinstance(value, bool):
        raise ConfigError(f"{name} is {value!r}; it has to be true or false")
    if int not in kinds:
        return False
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise ConfigError(f"{name} is {value!r}; it has to be a whole number")
    object.__setattr__(config, name, int(value))  # NumPy's integers are no JSON
    return True
