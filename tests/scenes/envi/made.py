"""Tiny ENVI images, headers written as the specification and the programs in the wild write them."""

from pathlib import Path

import numpy as np

CODES = {"u1": 1, "i2": 2, "i4": 3, "f4": 4, "f8": 5, "u2": 12, "u4": 13, "i8": 14, "u8": 15}
AXES = {"bsq": (0, 1, 2), "bil": (1, 0, 2), "bip": (1, 2, 0)}
UTM = "{UTM, 1, 1, 366015, 5809965, 30, 30, 33, North, WGS-84, units=Meters}"


def write_envi(
    image: Path,
    values: np.ndarray,
    *,
    interleave: str | None = "bsq",
    order: str = "<",
    header: Path | None = None,
    before: bytes = b"",
    **fields: object,
) -> Path:
    """Write (bands, height, width) with a header ``image``.hdr; a field that is None is left out.

    Fields of the header are named with underscores for blanks. ``before``: bytes in front of the first number.
    """
    stored = values.astype(values.dtype.newbyteorder(order))
    image.write_bytes(before + stored.transpose(AXES.get(interleave, (0, 1, 2))).tobytes())
    bands, height, width = values.shape
    own = {"samples": width, "lines": height, "bands": bands, "header_offset": len(before)}
    own |= {"file_type": "ENVI Standard", "data_type": CODES[values.dtype.str[1:]], "interleave": interleave}
    own |= {"byte_order": int(order == ">"), "map_info": UTM}
    lines = [f"{name.replace('_', ' ')} = {value}" for name, value in (own | fields).items() if value is not None]
    (header or image.with_name(image.name + ".hdr")).write_text("\n".join(["ENVI", *lines, ""]), encoding="utf-8")
    return image


def listed(numbers: object) -> str:
    """``{1, 2, 3}`` over several lines, as ENVI writes it."""
    return "{\n " + ",\n ".join(str(number) for number in numbers) + "}"
