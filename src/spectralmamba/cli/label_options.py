"""Options of every command that opens labels."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

_PANEL = "Labels"


@dataclass(frozen=True)
class LabelFlags:
    """How labels are read; what has a meaning for polygons and points only is said so."""

    attribute: Annotated[
        str | None, typer.Option(help="Of polygons or points: the attribute with the class.", rich_help_panel=_PANEL)
    ] = None
    layer: Annotated[
        list[str] | None,
        typer.Option(help="The layer of a file that holds several; repeatable.", rich_help_panel=_PANEL),
    ] = None
    classes: Annotated[
        Path | None,
        typer.Option(help="CSV (number,name,colour) or QGIS .qml with the class table.", rich_help_panel=_PANEL),
    ] = None
    merge: Annotated[
        list[str] | None,
        typer.Option(help="Make classes one: roof,pavement=impervious; repeatable.", rich_help_panel=_PANEL),
    ] = None
    point_radius: Annotated[
        str | None,
        typer.Option(
            help="Points label pixels this far away too, such as 1.5 (pixels) or 15m.", rich_help_panel=_PANEL
        ),
    ] = None
    overlap: Annotated[
        str | None,
        typer.Option(help="Where classes overlap: error, first, last or drop (default error).", rich_help_panel=_PANEL),
    ] = None
    all_touched: Annotated[
        bool, typer.Option("--all-touched", help="Polygons label all pixels that they touch.", rich_help_panel=_PANEL)
    ] = False

    def texts(self) -> dict[str, str]:
        """Put them into the form in which a run keeps them, see :meth:`.LabelOptions.from_config`."""
        from spectralmamba.labels.options import SEPARATOR, YES

        given = {
            "attribute": self.attribute,
            "layer": SEPARATOR.join(self.layer) if self.layer else None,
            "classes": None if self.classes is None else str(self.classes.absolute()),
            "merge": SEPARATOR.join(self.merge) if self.merge else None,
            "point_radius": self.point_radius,
            "overlap": self.overlap,
            "all_touched": YES if self.all_touched else None,
        }
        return {name: value for name, value in given.items() if value is not None}
