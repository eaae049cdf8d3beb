"""Values from a file as a dataclass, and what is wrong with them in words that fit a file."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from spectralmamba.errors import ConfigError

Made = TypeVar("Made")

_WORDS = {
    "missing": "is missing; add it",
    "tuple_type": "has to be a list, such as [0, 1]",
    "dict_type": "has to hold names and their values, NAME: VALUE",
    "dataclass_type": "has to hold names and their values, NAME: VALUE",
}
"""What pydantic says of Python's types, in those of YAML."""


def made_from(kind: type[Made], values: Any, where: str) -> Made:  # noqa: ANN401 - from a file
    """Make a dataclass of values from a file: text that is a number (YAML takes 1e-3 for text) counts as one.

    Parameters
    ----------
    kind : type
        The dataclass.
    values : object
        What the file holds; a mapping if it is right.
    where : str
        For messages.

    Raises
    ------
    ConfigError
        A name is unknown or missing, or a value impossible.
    """
    if isinstance(values, Mapping):
        _refuse_unknown(kind, values, where)
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        raise ConfigError(_sentence(kind, error, where)) from error


def _refuse_unknown(kind: Any, values: Mapping[Any, Any], where: str) -> None:  # noqa: ANN401 - a dataclass
    known = [field.name for field in fields(kind)]
    unknown = next((name for name in values if name not in known), None)
    if unknown is not None:
        raise ConfigError(f"{where} has no {unknown!r}; it has: {', '.join(known)}")


def _sentence(kind: Any, error: ValidationError, where: str) -> str:  # noqa: ANN401 - a dataclass
    first = error.errors()[0]
    place = ": ".join([where, *([".".join(map(str, first["loc"]))] if first["loc"] else [])])
    own = first.get("ctx", {}).get("error")
    if isinstance(own, ConfigError):  # of a __post_init__, a sentence already
        return f"{place}: {own}"
    if first["type"] == "unexpected_keyword_argument":
        names = [field.name for field in fields(_dataclass_at(kind, first["loc"][:-1]))]
        return f"{place} is not known; known there are: {', '.join(names)}"
    words = _WORDS.get(first["type"])
    return f"{place} {words}" if words else f"{place}: {first['input']!r}: {_lower(first['msg'])}; correct it"


def _dataclass_at(kind: Any, place: Sequence[int | str]) -> Any:  # noqa: ANN401 - a dataclass
    """The dataclass that a place in a document is described by; numbers count in a list."""
    for part in place:
        if isinstance(part, str):
            kind = get_type_hints(kind)[part]
            kind = next((one for one in (kind, *get_args(kind)) if is_dataclass(one)), kind)
    return kind


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
