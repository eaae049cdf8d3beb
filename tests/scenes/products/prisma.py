"""A tiny PRISMA L2D product with the structure of real ones.

Names, axes, types and the descending wavelengths with zeros are those of PRS_L2D_STD products, as their specification
(issue 2.3) and public dumps of their headers have them; sizes are small.
"""

from pathlib import Path
from typing import Any

import h5py
import numpy as np

EPSG = 32633
UPPER_LEFT = (366030.0, 5809950.0)
"""Centre of the upper left pixel: easting, northing."""

VNIR_NM = np.array([0, 0, 972.65137, 962.2815, 951.3803, 700.0, 560.0, 490.0, 411.33044], np.float32)
SWIR_NM = np.array([2496.877, 1600.0, 969.39557, 959.5276, 942.96277, 0, 0], np.float32)
SCALES = {"L2ScaleVnirMin": 0.0, "L2ScaleVnirMax": 0.9, "L2ScaleSwirMin": -0.01, "L2ScaleSwirMax": 0.8}


def cubes(height: int = 6, width: int = 5, seed: int = 0) -> dict[str, np.ndarray]:
    """DN (rows, bands, columns) of both detectors; the upper left corner lies outside the strip."""
    rng = np.random.default_rng(seed)
    made = {}
    for name, wavelengths in (("VNIR", VNIR_NM), ("SWIR", SWIR_NM)):
        cube = rng.integers(1, 65536, (height, wavelengths.size, width)).astype(np.uint16)
        cube[:, wavelengths == 0] = 0
        cube[0, :, 0] = 0
        made[name] = cube
    return made


def write(path: Path, values: dict[str, np.ndarray] | None = None, level: str = "L2D", **attributes: Any) -> Path:
    """Write a product; ``attributes`` replace or, where None, take away those of the root."""
    values = cubes() if values is None else values
    height, _, width = values["VNIR"].shape
    with h5py.File(path, "w") as file:
        for name, value in (_root(height, width, level) | attributes).items():
            if value is not None:
                file.attrs[name] = value
        fields = file.create_group(f"HDFEOS/SWATHS/PRS_{level}_HCO/Data Fields")
        for name, cube in values.items():
            fields.create_dataset(f"{name}_Cube", data=cube, chunks=(2, *cube.shape[1:]), compression="gzip")
            fields.create_dataset(f"{name}_PIXEL_L2_ERR_MATRIX", data=np.zeros(cube.shape, np.uint8))
        place = file.create_group(f"HDFEOS/SWATHS/PRS_{level}_HCO/Geolocation Fields")
        for name in ("Latitude", "Longitude"):
            place.create_dataset(name, data=np.zeros((height, width), np.float32))
        file.create_group(f"HDFEOS/SWATHS/PRS_{level}_PCO/Data Fields")
    return path


def _root(height: int, width: int, level: str) -> dict[str, Any]:
    west, north = UPPER_LEFT
    east, south = west + 30 * (width - 1), north - 30 * (height - 1)
    corners = {"UL": (west, north), "UR": (east, north), "LL": (west, south), "LR": (east, south)}
    places = {f"Product_{c}corner_easting": np.float32(x) for c, (x, _) in corners.items()}
    places |= {f"Product_{c}corner_northing": np.float32(y) for c, (_, y) in corners.items()}
    bands: dict[str, Any] = {}
    for name, wavelengths in (("Vnir", VNIR_NM), ("Swir", SWIR_NM)):
        bands[f"List_Cw_{name}"] = wavelengths
        bands[f"List_Fwhm_{name}"] = np.where(wavelengths > 0, 10 + wavelengths / 1000, 0).astype(np.float32)
        bands[f"List_Cw_{name}_Flags"] = (wavelengths > 0).astype(np.uint8)
    scales = {name: np.float32(value) for name, value in SCALES.items()}
    names = {"Processing_Level": np.bytes_(level.removeprefix("L")), "Epsg_Code": np.uint16(EPSG)}
    return names | places | bands | scales
