"""Options of every command that opens scenes: which, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from spectralmamba.sampling.pairs import Pair
    from spectralmamba.scenes.options import SceneOptions

_PANEL = "Data"

Variable = Annotated[
    str | None, typer.Option(help="Name of the scene in a file that holds several.", rich_help_panel=_PANEL)
]
Mask = Annotated[
    Path | None,
    typer.Option(help="Leave out the non-zero pixels of a raster, or what polygons hold.", rich_help_panel=_PANEL),
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


@dataclass(frozen=True)
class InputFlags:
    """Scenes and their labels."""

    scene: Annotated[Path | None, typer.Argument(help="GeoTIFF, folder of tiles, .mat, or a product.")] = None
    labels: Annotated[Path | None, typer.Argument(help="GeoTIFF, folder of tiles, .mat …, or polygons or points.")] = (
        None
    )
    pair: Annotated[
        list[Path] | None, typer.Option(help="A further SCENE LABELS; repeatable.", rich_help_panel=_PANEL)
    ] = None
    pairs: Annotated[
        Path | None,
        typer.Option(
            help="CSV with columns scene, labels and, where wanted, name, part (train, validation, test), mask …",
            rich_help_panel=_PANEL,
        ),
    ] = None

    def given(self, kept: Sequence[Mapping[str, str]] = ()) -> "list[Pair]":
        """Put together what is named, or else what a run kept, see :func:`.scene_pairs.given_pairs`."""
        from spectralmamba.cli.scene_pairs import given_pairs

        return given_pairs(self.scene, self.labels, self.pair or [], self.pairs, kept)


@dataclass(frozen=True)
class PixelFlags:
    """Which pixels of a scene count."""

    variable: Variable = None
    mask: Mask = None
    no_quality: NoQuality = False
    fill_gaps: FillGaps = 0

    def options(self) -> "SceneOptions":
        """How to open a scene so."""
        from spectralmamba.scenes.options import SceneOptions

        mask = None if self.mask is None else str(self.mask)
        return SceneOptions(self.variable, mask, not self.no_quality, self.fill_gaps)


@dataclass(frozen=True)
class SceneFlags(PixelFlags):
    """Which pixels and bands of a scene count, where no run has chosen the bands."""

    wavelengths: Wavelengths = None
    keep_water_vapour: KeepWaterVapour = False

    def options(self) -> "SceneOptions":
        """How to open a scene so."""
        chosen = super().options()
        return replace(chosen, wavelengths=self.wavelengths, keep_water_vapour=self.keep_water_vapour)
