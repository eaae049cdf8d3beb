"""Tiny EnMAP L2A and DESIS L2A products: the files, names and elements of real ones, a few pixels large.

Structure of the EnMAP metadata after the readers of ESA SNAP and the EnMAP-Box, of the DESIS metadata after those of
ACOLITE and HyTools; only the elements that matter to a reader, and some of the same name that must not mislead it.
"""

from pathlib import Path
from typing import Any

import numpy as np

from tests.scenes.envi.made import listed, write_envi

from . import CRS, TRANSFORM, write_tiff

ENMAP = "ENMAP01-____L2A-DT0000001867_20220724T104526Z_008_V010302_20230628T165614Z"
DESIS = "DESIS-HSI-L2A-DT1203190212_025-20191203T021128-V0210"

NODATA = -32768

WAVELENGTHS = (850.0, 910.0, 915.0, 950.0, 955.0, 990.0, 1000.0, 1400.0)
"""Of the EnMAP bands below: two detectors, in order of wavelength, in turns where both look."""

VNIR, SWIR = (1, 2, 4, 6), (3, 5, 7, 8)
EMPTY = 8
"""Numbers of the bands of each detector, and of the one without data."""


def stored(n_bands: int = 8, height: int = 5, width: int = 6) -> np.ndarray:
    """Reflectance × 10⁴, int16; the first pixel is background."""
    values = np.random.default_rng(0).integers(1, 9000, (n_bands, height, width)).astype(np.int16)
    values[:, 0, 0] = NODATA
    return values


def write_enmap(folder: Path, *, stem: str = ENMAP, image: str = "-SPECTRAL_IMAGE.TIF", **changes: Any) -> Path:
    """Write a product into ``folder``; ``image`` ending in .BSQ makes it an ENVI image with a header."""
    folder.mkdir(parents=True, exist_ok=True)
    values = stored()
    values[EMPTY - 1] = NODATA
    _write_image(folder / f"{stem}{image}", values)
    (folder / f"{stem}-METADATA.XML").write_text(enmap_metadata(**changes), encoding="utf-8")
    (folder / f"{stem}-HISTORY.XML").write_text("<level_X/>")
    for number, layer in enumerate(("CLOUD", "CLOUDSHADOW", "CIRRUS", "HAZE", "SNOW"), 1):
        flags = np.zeros((5, 6), np.uint8)
        flags[0, 0] = 255
        flags[number - 1, 1 : 1 + number] = 1
        write_tiff(folder / f"{stem}-QL_QUALITY_{layer}.TIF", flags)
    write_tiff(folder / f"{stem}-QL_QUALITY_CLASSES.TIF", np.ones((5, 6), np.uint8))
    write_tiff(folder / f"{stem}-QL_PIXELMASK.TIF", np.ones((8, 5, 6), np.uint8))
    write_tiff(folder / f"{stem}-QL_VNIR.TIF", np.ones((3, 5, 6), np.uint8))
    return folder


def enmap_metadata(level: str = "L2A", vnir: str | None = None, swir: str | None = None, n_bands: int = 8) -> str:
    bands = "".join(
        f'<bandID number="{number}"><wavelengthCenterOfBand>{wavelength}</wavelengthCenterOfBand>'
        f"<FWHMOfBand>{6 + number}</FWHMOfBand><GainOfBand>0.0001</GainOfBand><OffsetOfBand>0.0{number}</OffsetOfBand>"
        "</bandID>"
        for number, wavelength in enumerate(WAVELENGTHS[:n_bands], 1)
    )
    statistics = "".join(
        f'<bandID number="{number}"><mean>{-1000000 if number == EMPTY else 1800}</mean>'
        f"<stdDeviation>{0 if number == EMPTY else 900}</stdDeviation></bandID>"
        for number in range(1, n_bands + 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<level_X xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<base><level>{level}</level></base>"
        f"<product><bandStatistics>{statistics}</bandStatistics>"
        '<smileCorrection><VNIR><bandID number="1"><wavelength>1</wavelength></bandID></VNIR></smileCorrection>'
        "</product>"
        f"<specific><bandCharacterisation>{bands}</bandCharacterisation><backgroundValue>{NODATA}</backgroundValue>"
        f"<vnirProductQuality><expectedChannelsList>{vnir or _csv(VNIR)}</expectedChannelsList></vnirProductQuality>"
        f"<swirProductQuality><expectedChannelsList>{swir or _csv(SWIR)}</expectedChannelsList></swirProductQuality>"
        "</specific></level_X>"
    )


def write_desis(folder: Path, *, stem: str = DESIS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    _write_image(folder / f"{stem}-SPECTRAL_IMAGE.tif", stored(4), interleave="pixel")
    (folder / f"{stem}-SPECTRAL_IMAGE.hdr").write_text("ENVI\nsamples = 6\nlines = 5\nbands = 4\nfile type = TIFF\n")
    bands = "".join(
        f"<band><bandNumber>{number}</bandNumber><wavelengthCenterOfBand>{400 + number}.5</wavelengthCenterOfBand>"
        f"<wavelengthWidthOfBand>3.{number}</wavelengthWidthOfBand><response>0,1,0</response>"
        f"<wavelengths>1,2,3</wavelengths><gainOfBand>0.000{number}</gainOfBand><offsetOfBand>0.5</offsetOfBand></band>"
        for number in (2, 1, 3, 4)
    )
    (folder / f"{stem}-METADATA.xml").write_text(
        f"<hsi_doc><metadata><name>{stem}</name></metadata><base><mission>DESIS</mission></base>"
        "<specific><interiorOrientation><band><bandNumber>1</bandNumber></band></interiorOrientation>"
        f"<bandCharacterisation>{bands}</bandCharacterisation><backgroundValue>{NODATA}</backgroundValue></specific>"
        "</hsi_doc>"
    )
    flags = np.zeros((10, 5, 6), np.uint8)
    for band in range(8):
        flags[band, band % 5, 1 + band // 5] = 1
    flags[8:] = 40  # optical thickness and water vapour, everywhere
    write_tiff(folder / f"{stem}-QL_QUALITY-2.tif", flags)
    write_tiff(folder / f"{stem}-QL_QUALITY.tif", np.ones((4, 5, 6), np.uint8))
    return folder


def _write_image(path: Path, values: np.ndarray, **options: Any) -> None:
    if path.suffix.lower() in (".tif", ".tiff"):
        write_tiff(path, values, **options)
        return
    t = TRANSFORM
    map_info = f"{{UTM, 1, 1, {t.c}, {t.f}, {t.a}, {-t.e}, {CRS[-2:]}, North, WGS-84, units=Meters}}"
    # What the header says of the bands is not heeded: the metadata have it too.
    write_envi(path, values, header=path.with_suffix(".HDR"), map_info=map_info, bbl=listed([0] * len(values)))


def _csv(numbers: tuple[int, ...]) -> str:
    return ",".join(str(number) for number in numbers)
