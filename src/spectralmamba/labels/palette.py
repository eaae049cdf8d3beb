"""Colours for classes that come without one."""

import colorsys
from collections.abc import Collection, Iterator

PALETTE = (
    "#e6194b", "#3cb44b", "#4363d8", "#ffe119", "#f58231", "#911eb4", "#42d4f4", "#f032e6",
    "#bfef45", "#fabed4", "#469990", "#dcbeff", "#9a6324", "#800000", "#aaffc3", "#808000",
    "#ffd8b1", "#000075", "#a9a9a9", "#2f6b4f", "#c04000", "#7f7fff",
)  # fmt: skip
"""Told apart by hue first and lightness second; black is left out, because maps show no data in it."""

_GOLDEN = 0.6180339887498949
"""Steps of this size round the colour circle never come close to one another for long."""


def colours() -> Iterator[str]:
    """Yield '#rrggbb' without end and without repetition: the palette, then generated ones."""
    yield from PALETTE
    seen = set(PALETTE)
    step = 0
    while True:
        step += 1
        # Lightness and saturation change with each round of about ten, so that neighbours in hue differ too.
        lightness, saturation = 0.35 + 0.1 * (step // 10 % 4), 0.55 + 0.15 * (step // 40 % 4)
        red, green, blue = colorsys.hls_to_rgb(step * _GOLDEN % 1.0, lightness, saturation)
        colour = f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
        if colour not in seen:
            seen.add(colour)
            yield colour


def first_colours(count: int) -> list[str]:
    """Return the first ``count`` colours."""
    return [colour for _, colour in zip(range(count), colours(), strict=False)]


def unused_colour(taken: Collection[str]) -> str:
    """Return the first colour that is not among ``taken``."""
    return next(colour for colour in colours() if colour not in taken)
