"""Options of every command that opens a scene."""

from pathlib import Path
from typing import Annotated

import typer

_PANEL = "Data"

Variable = Annotated[
    str | None, typer.Option(help="Name of the scene in a file that holds several.", rich_help_panel=_PANEL)
]
Mask = Annotated[
    Path | None,
    typer.Option(help="Leave out the non-zero pixels of a GeoTIFF, or what polygons hold.", rich_help_panel=_PANEL),
]
NoQuality = Annotated[
    bool, typer.Option("--no-quality", help="Use pixels that the product marks, such as cloud.", rich_help_panel=_PANEL)
]
FillGaps = Annotated[
    int, typer.Option(help="Fill gaps of up to N bands in a pixel's spectrum.", min=0, rich_help_panel=_PANEL)
]
Wavelengths = Annotated[
    str | None, typer.Option(help="Ranges in nm to keep, such as 450-900,1500-1700.", rich_help_panel=_PANEL)
]
KeepWaterVapour = Annotated[
    bool, typer.Option("--keep-water-vapour", help="Use bands that water vapour hides, too.", rich_help_panel=_PANEL)
]
Resample = Annotated[
    bool,
    typer.Option("--resample", help="Compute the model's bands where the scene has others.", rich_help_panel=_PANEL),
]
