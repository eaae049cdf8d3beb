"""A digest of everything that a protocol's data are read from."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from spectralmamba.errors import ConfigError
from spectralmamba.scenes.products import emit_mask

_CHUNK = 1 << 20
_COMPANIONS = {".hdr", ".dbf", ".shx", ".prj", ".cpg", ".sli", ".img", ".dat"}
"""Suffixes of files that belong to another of the same name: ENVI's header or its numbers, the parts of a shapefile."""

_PRODUCT = re.compile(r"(.+)-(METADATA|SPECTRAL_IMAGE)", re.IGNORECASE)
"""An EnMAP or DESIS product, told by one of its files."""


def data_checksum(paths: Sequence[str]) -> str:
    """Digest of the content of files with those that belong to them, and of all files of folders.

    Raises
    ------
    ConfigError
        A file is missing.
    """
    digest = hashlib.sha256()
    for name in paths:
        path = Path(name)
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in [*files, *_companions(path)]:
            digest.update(file.relative_to(path).as_posix().encode() if path.is_dir() else b"")
            try:
                with file.open("rb") as opened:
                    while chunk := opened.read(_CHUNK):
                        digest.update(chunk)
            except OSError as error:
                raise ConfigError(f"cannot read {file} ({error.strerror}); check the protocol's data") from error
    return digest.hexdigest()


def _companions(path: Path) -> Iterator[Path]:
    """Give the files beside a file without which it, or what is left out of it, is not what it is."""
    if not path.is_file():
        return
    product, mask = _PRODUCT.match(path.name), emit_mask.beside(path)
    for other in sorted(path.parent.iterdir()):
        part = other.suffix.lower() in _COMPANIONS and path.stem in (other.stem, Path(other.stem).stem)
        part |= other == mask or (product is not None and other.name.startswith(product[1]))
        if part and other != path and other.is_file():
            yield other
