"""What may be asked for, and what is refused before anything is computed."""

import re
from pathlib import Path

import pytest

from spectralmamba.errors import ConfigError, OutputError
from spectralmamba.mapping.outputs import MapOutputs, request


def test_what_is_needed_and_written():
    plain = MapOutputs(Path("a/map.TIF"))
    assert (plain.is_zarr, plain.needs_confidence, plain.needs_probabilities) == (False, False, False)
    assert plain.files == (Path("a/map.TIF"), Path("a/map.TIF.aux.xml"), Path("a/map.qml"))
    whole = MapOutputs(Path("m.tif"), Path("c.tif"), Path("p.tiff"), Path("m.gpkg"), sieve=9)
    assert whole.needs_confidence
    assert whole.needs_probabilities
    assert whole.named == (Path("m.tif"), Path("c.tif"), Path("p.tiff"), Path("m.gpkg"))
    zarr = MapOutputs(Path("m.zarr"))
    assert zarr.is_zarr
    assert zarr.needs_confidence
    assert zarr.needs_probabilities
    assert zarr.files == (Path("m.zarr"),)


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"out": "map.png"}, "the map as map.png; name a file that ends in .tif or .tiff or .zarr"),
        ({"out": "map"}, "the map as map;"),
        ({"confidence": "c.zarr"}, "the confidence as c.zarr; name a file that ends in .tif or .tiff"),
        ({"probabilities": "p.gpkg"}, "the probabilities as p.gpkg"),
        ({"polygons": "p.shp"}, "the polygons as p.shp; name a file that ends in .gpkg"),
        ({"confidence": "map.tif"}, "two outputs would both be"),
        ({"confidence": "x/../map.tif"}, "two outputs would both be"),
        ({"confidence": "c.tif", "probabilities": "c.tif"}, "two outputs would both be"),
        ({"out": "map.zarr", "confidence": "map.zarr/c.tif"}, "in one another"),
    ],
)
def test_what_cannot_be(asked, match):
    with pytest.raises(OutputError, match=re.escape(match)):
        MapOutputs(**{name: Path(path) for name, path in ({"out": "map.tif"} | asked).items()})


def test_a_sieve_below_one_is_refused():
    with pytest.raises(ConfigError, match="fewer than 0 pixels"):
        MapOutputs(Path("map.tif"), sieve=0)


def test_zarr_that_is_not_installed_is_one_line(monkeypatch):
    monkeypatch.setattr(request, "find_spec", lambda name: None)
    MapOutputs(Path("map.tif"))
    with pytest.raises(OutputError, match=re.escape("pip install 'spectralmamba[distributed]'")):
        MapOutputs(Path("map.zarr"))


@pytest.mark.parametrize("name", ["map.tif", "map.qml", "map.tif.aux.xml", "map.gpkg"])
def test_what_is_there_is_kept_unless_told_otherwise(tmp_path, name):
    asked = MapOutputs(tmp_path / "map.tif", polygons=tmp_path / "map.gpkg")
    asked.require_free(overwrite=False)
    (tmp_path / name).write_text("there")
    with pytest.raises(OutputError, match=rf"{re.escape(name)} is there already"):
        asked.require_free(overwrite=False)
    asked.require_free(overwrite=True)


def test_folders_that_zarr_did_not_write_are_never_replaced(tmp_path):
    folder = tmp_path / "map.zarr"
    folder.mkdir()
    MapOutputs(folder).require_free(overwrite=True)  # empty
    (folder / "thesis.doc").write_text("precious")
    with pytest.raises(OutputError, match="it is a folder"):
        MapOutputs(folder).require_free(overwrite=True)
    (folder / "zarr.json").write_text("{}")
    MapOutputs(folder).require_free(overwrite=True)
    with pytest.raises(OutputError, match="is there already"):
        MapOutputs(folder).require_free(overwrite=False)
    (tmp_path / "map.tif").mkdir()
    with pytest.raises(OutputError, match="it is a folder"):
        MapOutputs(tmp_path / "map.tif").require_free(overwrite=True)
