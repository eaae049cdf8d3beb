"""Options that arrive as text."""

from collections.abc import Sequence
from typing import Any

import yaml

from spectralmamba.errors import ConfigError

FROM_DATA = ("n_bands", "n_classes", "wavelengths", "patch_size")


def parse_model_options(texts: Sequence[str] | None) -> dict[str, Any]:
    """Turn ``["piece_size=4", "layout=parallel"]`` into a dict; values are read as YAML.

    Raises
    ------
    ConfigError
        A text is not NAME=VALUE.
    """
    options = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ConfigError(f"model option {text!r} is not NAME=VALUE; write for example piece_size=4")
        if name.strip() in FROM_DATA:
            raise ConfigError(
                f"model option {name.strip()!r} comes from the data or an option of its own; leave it out"
            )
        try:
            options[name.strip().replace("-", "_")] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise ConfigError(f"the value of model option {text!r} cannot be read; write a number or a word") from error
    return options
