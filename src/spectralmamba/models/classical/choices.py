"""Hyper-parameters as the values to choose among."""

from typing import Any

from spectralmamba.errors import ConfigError


def as_choices(name: str, value: Any, word: str | None = None) -> tuple[float | str, ...]:  # noqa: ANN401 - from a user
    """Take one value, or several, of a hyper-parameter as a tuple of positive numbers; ``word`` may stand among them.

    Raises
    ------
    ConfigError
        There is none, or one that is not positive.
    """
    values = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not values:
        raise ConfigError(f"{name} has no value to choose; give at least one")
    return tuple(one if isinstance(one, str) and one == word else _positive(name, one, word) for one in values)


def as_counts(name: str, value: Any) -> tuple[int, ...]:  # noqa: ANN401 - from a user
    """Take one whole number of at least 1, or several, as a tuple.

    Raises
    ------
    ConfigError
        There is none, or one that is no such number.
    """
    numbers = as_choices(name, value)
    for number in numbers:
        if number != int(number):
            raise ConfigError(f"{name} is {number!r}; it has to be a whole number")
    return tuple(int(number) for number in numbers)


def _positive(name: str, value: Any, word: str | None) -> float:  # noqa: ANN401 - from a user
    wanted = "positive numbers" if word is None else f"positive numbers or {word!r}"
    try:
        number = float("nan") if isinstance(value, bool) else float(value)  # YAML reads 1e-3 as text
    except (TypeError, ValueError):
        number = float("nan")
    if not 0 < number < float("inf"):
        raise ConfigError(f"{name} is {value!r}; use {wanted}")
    return number
