"""Tiny spectral libraries, as ENVI, EnMAP-Box and people with a spreadsheet write them."""

from pathlib import Path
from typing import Any

import numpy as np

WAVELENGTHS = np.array([2200.0, 450.5, 560.0, 1650.25])  # the order of wavelengths is not that of the file
NAMES = ("asphalt 1", "asphalt 2", "grass (dry) 1", "grass (dry) 2", "water1", "water 2")
CLASSES = ("paved", "paved", "green", "green", "", "water")


def spectra(n: int = 6) -> np.ndarray:
    """Reflectance × 10⁴, (n, bands), all numbers different."""
    return (100 * np.arange(n)[:, None] + np.arange(WAVELENGTHS.size) + 1).astype(np.float32)


def write_envi(folder: Path, values: np.ndarray | None = None, dtype: str = "<f4", **fields: Any) -> Path:
    """Write ``library.sli`` and its header; ``fields`` replace or, where None, take away those of the header."""
    values = spectra() if values is None else values
    codes = {"f4": 4, "f8": 5, "i2": 2}
    given = {
        "samples": values.shape[1],
        "lines": values.shape[0],
        "bands": 1,
        "header_offset": 0,
        "file_type": "ENVI Spectral Library",
        "data_type": codes[dtype[1:]],
        "interleave": "bsq",
        "byte_order": int(dtype[0] == ">"),
        "wavelength_units": "Micrometers",
        "spectra_names": "{\n " + ", \n ".join(NAMES) + "}",
        "wavelength": "{" + ", ".join(f"{w / 1000:.6f}" for w in WAVELENGTHS) + "}",
    } | fields
    lines = ["ENVI", "description = {made, for a test}"]
    lines += [f"{name.replace('_', ' ')} = {value}" for name, value in given.items() if value is not None]
    (folder / "library.hdr").write_text("\n".join(lines) + "\n")
    (folder / "library.sli").write_bytes(values.astype(dtype).tobytes())
    return folder / "library.sli"


def write_table(path: Path, rows: list[list[Any]], delimiter: str = ",") -> Path:
    """Write a text table."""
    path.write_text("\n".join(delimiter.join(str(cell) for cell in row) for row in rows) + "\n", encoding="utf-8")
    return path


def write_rows(path: Path, headings: list[str] | None = None, delimiter: str = ",") -> Path:
    """Write a spectrum a row, its name and class before it."""
    headings = [f"{w:g}" for w in WAVELENGTHS] if headings is None else headings
    rows = [[name, kind, *row] for name, kind, row in zip(NAMES, CLASSES, spectra().tolist(), strict=True)]
    return write_table(path, [["name", "class", *headings], *rows], delimiter)


def write_columns(path: Path, first: str = "wavelength", scale: float = 1.0, with_classes: bool = False) -> Path:
    """Write a spectrum a column, wavelengths in the first."""
    head = [[first, *NAMES]] + ([["class", *CLASSES]] if with_classes else [])
    bands = [[f"{w * scale:g}", *row] for w, row in zip(WAVELENGTHS, spectra().T.tolist(), strict=True)]
    return write_table(path, head + bands)
