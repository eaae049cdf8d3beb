import pytest

from spectralmamba.scenes.datasets import resume
from spectralmamba.scenes.datasets.catalogue import CATALOGUE

from . import tiny
from .guard import forbid_the_internet
from .server import serving


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No internet, no waiting, and a place of its own for data sets."""
    forbid_the_internet(monkeypatch)
    monkeypatch.setattr(resume, "BACK_OFF_S", 0.0)
    monkeypatch.setenv("SPECTRALMAMBA_DATASETS", str(tmp_path / "datasets"))


@pytest.fixture
def site():
    with serving() as site:
        yield site


@pytest.fixture
def listed(monkeypatch):
    """Put an entry into the catalogue."""

    def add(entry):
        monkeypatch.setitem(CATALOGUE, entry.name, entry)
        return entry

    return add


@pytest.fixture
def served(site, listed):
    """A data set of two files that the server gives."""
    scene, labels = site.put("Tiny.mat", tiny.SCENE_MAT), site.put("Tiny_gt.mat", tiny.LABELS_MAT)
    return listed(tiny.open_entry(scene, labels))
