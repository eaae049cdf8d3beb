"""Options of every command that opens labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

_PANEL = "Labels"

Attribute = Annotated[
    str | None, typer.Option(help="Of polygons or points: the attribute with the class.", rich_help_panel=_PANEL)
]
Layer = Annotated[
    list[str] | None, typer.Option(help="The layer of a file that holds several; repeatable.", rich_help_panel=_PANEL)
]
Classes = Annotated[
    Path | None,
    typer.Option(help="CSV (number,name,colour) or QGIS .qml with the class table.", rich_help_panel=_PANEL),
]
Merge = Annotated[
    list[str] | None,
    typer.Option(help="Make classes one: roof,pavement=impervious; repeatable.", rich_help_panel=_PANEL),
]
PointRadius = Annotated[
    str | None,
    typer.Option(help="Points label pixels this far away too, such as 1.5 (pixels) or 15m.", rich_help_panel=_PANEL),
]
Overlap = Annotated[
    str | None,
    typer.Option(help="Where classes overlap: error, first, last or drop (default error).", rich_help_panel=_PANEL),
]
AllTouched = Annotated[
    bool,
    typer.Option("--all-touched", help="Polygons label all pixels that they touch.", rich_help_panel=_PANEL),
]


def label_texts(
    attribute: str | None,
    layer: Sequence[str] | None,
    classes: Path | None,
    merge: Sequence[str] | None,
    point_radius: str | None,
    overlap: str | None,
    all_touched: bool,
) -> dict[str, str]:
    """Put options into the form in which a run keeps them, see :meth:`.LabelOptions.from_config`."""
    from spectralmamba.labels.options import SEPARATOR, YES

    given = {
        "attribute": attribute,
        "layer": SEPARATOR.join(layer) if layer else None,
        "classes": None if classes is None else str(classes.absolute()),
        "merge": SEPARATOR.join(merge) if merge else None,
        "point_radius": point_radius,
        "overlap": overlap,
        "all_touched": YES if all_touched else None,
    }
    return {name: value for name, value in given.items() if value is not None}
