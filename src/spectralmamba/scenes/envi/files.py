"""Which header goes with which file of numbers.

Header and image share a folder, and either the image's whole name (``flight_img`` and ``flight_img.hdr``,
``flight.img`` and ``flight.img.hdr``) or its stem (``flight.img`` and ``flight.hdr``). Images have any extension, or
none, so a header is told by its content and an image by its header.
"""

from pathlib import Path

from spectralmamba.errors import SceneError
from spectralmamba.scenes.envi.header import Header, is_header, read_header
from spectralmamba.scenes.envi.layout import layout_of

_HEADER_EXTENSIONS = (".hdr", ".HDR", ".Hdr")

_IMAGE_EXTENSIONS = ("", ".img", ".dat", ".bsq", ".bil", ".bip", ".raw", ".bin", ".cube", ".rfl", ".rdn", ".sli")
"""Asked in this order where several files share the header's stem; any other file has to have the right size."""


def header_beside(path: Path) -> Path | None:
    """Return the ENVI header that goes with ``path``: itself, or one beside it; None where there is none."""
    if is_header(path):
        return path
    if not path.is_file():
        return None
    of_name, of_stem = ([path.with_name(name + end) for end in _HEADER_EXTENSIONS] for name in (path.name, path.stem))
    whole = next((one for one in of_name if is_header(one)), None)
    if whole is not None:
        return whole
    return next((one for one in of_stem if is_header(one) and _is_image(path, read_header(one))), None)


def pair_of(path: Path) -> tuple[Header, Path]:
    """Read the header of, or at, ``path``, and find its image.

    Raises
    ------
    SceneError
        One of the two is missing, or the header is damaged.
    """
    beside = header_beside(path)
    if beside is None:
        raise SceneError(f"{path} has no ENVI header beside it; put {path.name}{_HEADER_EXTENSIONS[0]} there")
    header = read_header(beside)
    return header, path if path != beside else _image_of(header)


def _image_of(header: Header) -> Path:
    path = header.path
    stem = path.stem if path.suffix in _HEADER_EXTENSIONS else path.name
    beside = [one for one in sorted(path.parent.iterdir()) if one.is_file() and one.name != path.name]
    same_name = [one for one in beside if one.name == stem]
    same_stem = [one for one in beside if one.stem == stem and _is_image(one, header)]
    found = same_name + sorted(same_stem, key=_rank)
    if not found:
        is_library = "library" in (header.text("file type") or "").lower()
        raise SceneError(
            f"{path} has no {'numbers' if is_library else 'image'} beside it; put it there as {stem} or "
            f"{stem}{'.sli' if is_library else '.img'}"
        )
    return found[0]


def _is_image(path: Path, header: Header) -> bool:
    """Whether a file that shares a header's stem can be its image."""
    if path.suffix.lower() in _IMAGE_EXTENSIONS:
        return True
    try:
        return path.stat().st_size == layout_of(header).n_bytes
    except SceneError:  # nothing can be said of its size
        return False


def _rank(path: Path) -> int:
    known = path.suffix.lower()
    return _IMAGE_EXTENSIONS.index(known) if known in _IMAGE_EXTENSIONS else len(_IMAGE_EXTENSIONS)
