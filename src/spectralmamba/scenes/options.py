"""How a scene is to be opened: which pixels and bands of it count, as a run's configuration keeps it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import xarray as xr

from spectralmamba.errors import ConfigError
from spectralmamba.scenes.bands import select_wavelengths
from spectralmamba.scenes.gaps import fill_gaps
from spectralmamba.scenes.mask import with_mask
from spectralmamba.scenes.opening import open_scene


@dataclass(frozen=True)
class SceneOptions:
    """What is asked for beside the scene's path.

    Attributes
    ----------
    variable : str, optional
        Which array, where a file holds several.
    mask : str, optional
        File of pixels to leave out, see :func:`spectralmamba.scenes.mask.with_mask`.
    quality : bool
        Whether the product's own quality layers count.
    fill_gaps : int
        Longest gap, in bands, that is filled along the spectrum, see :func:`spectralmamba.scenes.gaps.fill_gaps`.
    wavelengths : str, optional
        Ranges in nm to keep, such as ``450-900,1500-1700``.
    keep_water_vapour : bool
        Whether bands that water vapour hides are to be used all the same.
    """

    variable: str | None = None
    mask: str | None = None
    quality: bool = True
    fill_gaps: int = 0
    wavelengths: str | None = None
    keep_water_vapour: bool = False

    def open(self, path: str | os.PathLike[str]) -> xr.DataArray:
        """Open a scene so.

        Raises
        ------
        SceneError, ConfigError
            It cannot be opened so, with the reason.
        """
        scene = open_scene(path, self.variable, quality=self.quality, keep_water_vapour=self.keep_water_vapour)
        if self.mask is not None:
            scene = with_mask(scene, self.mask)
        if self.wavelengths is not None:
            scene = select_wavelengths(scene, self.wavelengths)
        return fill_gaps(scene, self.fill_gaps)

    def to_config(self) -> dict[str, str]:
        """Give what differs from the defaults, as text."""
        given = {
            "variable": self.variable,
            "mask": self.mask,
            "quality": None if self.quality else "no",
            "fill_gaps": str(self.fill_gaps) if self.fill_gaps else None,
            "wavelengths": self.wavelengths,
            "water_vapour": "keep" if self.keep_water_vapour else None,
        }
        return {name: value for name, value in given.items() if value is not None}

    @classmethod
    def from_config(cls, item: Mapping[str, str]) -> "SceneOptions":
        """Read what :meth:`to_config` gave; other entries are passed over.

        Raises
        ------
        ConfigError
            An entry has a value that it cannot have.
        """
        gap = item.get("fill_gaps", "0")
        if not gap.isdecimal():
            raise ConfigError(f"fill_gaps: {gap!r} is no number of bands; give a small one such as 3")
        for name, value in (("quality", "no"), ("water_vapour", "keep")):
            if item.get(name, value) != value:
                raise ConfigError(f"{name}: {item[name]!r} is not possible; write {value!r}, or leave it out")
        return cls(
            item.get("variable"),
            item.get("mask"),
            "quality" not in item,
            int(gap),
            item.get("wavelengths"),
            "water_vapour" in item,
        )
