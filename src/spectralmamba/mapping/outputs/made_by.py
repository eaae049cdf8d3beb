"""What a whole map says of the job that it was made by, so that it can be told from a map of another scene or model."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

DOMAIN, JOB = "SPECTRALMAMBA", "JOB"
ATTRIBUTE = "spectralmamba_job"
"""Of the group of a Zarr."""


def companions(path: Path) -> tuple[Path, Path]:
    """Return the files beside a GeoTIFF of classes: names for GDAL, and a style for QGIS."""
    return path.with_name(path.name + ".aux.xml"), path.with_suffix(".qml")


def job_of(path: Path) -> str | None:
    """Read the digest of the job that a whole map was made by; None where it does not say.

    Parameters
    ----------
    path : Path
        A GeoTIFF, beside which GDAL's metadata hold it, or a folder of Zarr, which has it as an attribute.
    """
    try:
        if path.is_dir():
            found = json.loads((path / "zarr.json").read_text(encoding="utf-8"))["attributes"][ATTRIBUTE]
        else:
            names, _ = companions(path)
            found = ET.parse(names).findtext(f"Metadata[@domain='{DOMAIN}']/MDI[@key='{JOB}']")  # noqa: S314 - our own
    except (OSError, ValueError, KeyError, TypeError, ET.ParseError):
        return None
    return found if isinstance(found, str) else None
