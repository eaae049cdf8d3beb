"""Telling trained models apart."""

import hashlib
from pathlib import Path

from spectralmamba.models.saved import MODEL_FILES


def model_identity(folder: Path, device: str) -> dict[str, str]:
    """Say which model a run directory holds, and on what it computes.

    Parameters
    ----------
    folder : Path
        A run directory with a trained model.
    device : str
        Another kind of device gives other last bits.

    Returns
    -------
    dict
        ``model``, a digest of the files that hold it; ``device``.
    """
    digest = hashlib.sha256()
    for name in MODEL_FILES:
        if (folder / name).is_file():
            content = (folder / name).read_bytes()
            digest.update(f"{name} {len(content)}\n".encode() + content)
    return {"model": digest.hexdigest(), "device": device.split(":", maxsplit=1)[0]}
