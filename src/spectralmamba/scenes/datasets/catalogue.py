"""The benchmark data sets that are known here, by name.

No address was reached from the machine on which this catalogue was written (2026-11-24): addresses, sizes, counts and
checksums are those that others documented, as the modules of the entries say, so an address may be out of date. That is
why what comes from one is verified before it counts, and why every message about one that fails names the owner's page.
"""

from difflib import get_close_matches

from spectralmamba.errors import DatasetError
from spectralmamba.scenes.datasets import elsewhere, gic
from spectralmamba.scenes.datasets.entry import Dataset

CATALOGUE: dict[str, Dataset] = {
    entry.name: entry
    for entry in (
        # SpectralMamba's four
        elsewhere.HOUSTON2013,
        elsewhere.LONGKOU,
        gic.BOTSWANA,
        elsewhere.AUGSBURG,
        # the classics
        gic.INDIAN_PINES,
        gic.PAVIA_UNIVERSITY,
        gic.PAVIA_CENTRE,
        gic.SALINAS,
        gic.SALINAS_A,
        gic.KSC,
    )
}

_ALIASES = {
    "houston": "houston2013",
    "whuhilongkou": "longkou",
    "paviau": "pavia_university",
    "paviauniversity": "pavia_university",
    "paviac": "pavia_centre",
    "paviacenter": "pavia_centre",
    "kennedyspacecenter": "ksc",
}


def find(name: str) -> Dataset:
    """Return an entry; case, spaces, hyphens and underscores in the name do not matter.

    Raises
    ------
    DatasetError
        There is none of that name.
    """
    known = {_plain(key): key for key in CATALOGUE} | _ALIASES
    asked = _plain(name)
    if asked in known:
        return CATALOGUE[known[asked]]
    near = get_close_matches(asked, known, n=1)
    advice = f"did you mean {known[near[0]]!r}? " if near else ""
    raise DatasetError(f"there is no data set {name!r}; {advice}known are {', '.join(CATALOGUE)}")


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
