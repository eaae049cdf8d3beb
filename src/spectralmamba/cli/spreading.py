"""Options that commands have in common: declared once, as a dataclass, and spread over each command's signature.

Typer reads options off a signature, and knows no groups of them. With :func:`spread` a command takes a whole group as
one parameter, and Typer sees the group's fields.
"""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import wraps
from typing import Any

Command = Callable[..., None]


def spread(command: Command) -> Command:
    """Give a command one option for each field of those of its parameters that are dataclasses.

    Parameters
    ----------
    command : callable
        The fields of the dataclasses are annotated as Typer has it; parameters and fields differ by name, but for the
        parameters that are dataclasses, whose names nobody sees.

    Returns
    -------
    callable
        Takes everything by keyword.
    """
    parameters = inspect.signature(command).parameters
    groups = {name: one.annotation for name, one in parameters.items() if _is_group(one.annotation)}

    @wraps(command)
    def spread_out(**given: Any) -> None:  # noqa: ANN401 - whatever the options are
        made = {
            name: group(**{one.name: given.pop(one.name) for one in fields(group)}) for name, group in groups.items()
        }
        command(**given, **made)

    seen: list[inspect.Parameter] = []
    for name, one in parameters.items():
        own = one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        seen += map(_parameter, fields(groups[name])) if name in groups else [own]
    spread_out.__signature__ = inspect.Signature(seen)  # type: ignore[attr-defined]
    return spread_out


def _is_group(annotation: Any) -> bool:  # noqa: ANN401 - whatever Typer takes
    return is_dataclass(annotation)


def _parameter(field: Field[Any]) -> inspect.Parameter:
    default = inspect.Parameter.empty if field.default is MISSING else field.default
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=field.type)
