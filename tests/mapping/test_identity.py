"""What tells jobs apart."""

import os
import shutil

import numpy as np
import pytest

from spectralmamba.mapping.computing import Wanted
from spectralmamba.mapping.identity import differences, is_in_memory, job_digest, job_facts, scene_source
from spectralmamba.scenes import open_scene
from spectralmamba.scenes.export import write_scene
from tests.mapping.fakes import Neighbourhood
from tests.mapping.test_mapper import random_scene


@pytest.fixture
def folder(tmp_path):
    """Two georeferenced tiles side by side."""
    scene = random_scene(8, 20, crs="EPSG:32633")
    write_scene(scene.isel(x=slice(0, 10)), tmp_path / "a.tif")
    write_scene(scene.isel(x=slice(10, 20)), tmp_path / "b.tif")
    return tmp_path


def test_a_file_that_was_changed_is_another_scene(folder):
    before = scene_source(open_scene(folder / "a.tif"))
    assert scene_source(open_scene(folder / "a.tif")) == before
    os.utime(folder / "a.tif", (1, 1))
    assert scene_source(open_scene(folder / "a.tif")) != before


def test_a_mosaic_is_told_by_each_tile(folder):
    before = scene_source(open_scene(folder))
    (folder / "a.tif.aux.xml").write_text("<PAMDataset/>")  # what QGIS leaves
    assert scene_source(open_scene(folder)) == before
    os.utime(folder / "b.tif", (1, 1))
    assert scene_source(open_scene(folder)) != before


def test_a_zarr_is_told_by_its_numbers_deep_inside(tmp_path):
    path = tmp_path / "scene.zarr"
    random_scene(8, 9, crs="EPSG:32633").to_dataset(name="reflectance").to_zarr(path, zarr_format=3, consolidated=False)
    before = scene_source(open_scene(path, "reflectance"))
    assert scene_source(open_scene(path, "reflectance")) == before
    chunk = next(file for file in (path / "reflectance" / "c").rglob("*") if file.is_file())
    os.utime(chunk, (1, 1))
    assert scene_source(open_scene(path, "reflectance")) != before


def test_tiles_in_folders_of_their_own_are_found_or_nobody_can_tell_them(folder):
    (folder / "west").mkdir()
    (folder / "east").mkdir()
    west, east = (folder / "a.tif").rename(folder / "west/a.tif"), (folder / "b.tif").rename(folder / "east/b.tif")
    apart = open_scene([west, east])  # a list, of which nobody knows what is about it
    assert scene_source(apart) is None
    together = apart.assign_attrs(source=str(folder))  # as of a folder of products
    before = scene_source(together)
    os.utime(east, (1, 1))
    assert before is not None
    assert scene_source(together) != before
    same = east.rename(folder / "east/a.tif")
    assert scene_source(open_scene([west, same])) is None


def test_a_scene_in_memory_is_told_by_its_values():
    scene = random_scene(5, 5)
    assert is_in_memory(scene)
    assert scene_source(scene) == scene_source(random_scene(5, 5))
    assert scene_source(scene) != scene_source(random_scene(5, 5, seed=1))


def test_a_scene_from_files_is_not_loaded(folder):
    scene = open_scene(folder / "a.tif")
    scene_source(scene)
    assert not is_in_memory(scene)


def test_a_lazy_scene_of_unknown_origin_cannot_be_told(folder):
    scene = open_scene(folder / "a.tif")
    shutil.rmtree(folder)
    assert scene_source(scene) is None


def test_facts_differ_by_name_and_the_map_does_not_depend_on_tiles():
    scene, predictor = random_scene(9, 9), Neighbourhood()
    facts = job_facts(predictor, scene, (4, 4), Wanted(), {"model": "a"})
    other = job_facts(predictor, scene, (3, 9), Wanted(confidence=True), {"model": "b"})
    assert differences(facts, other) == ["model", "outputs", "tile size"]
    assert differences(facts, facts) == []
    tiles = job_facts(predictor, scene, (3, 9), Wanted(), {"model": "a"})
    assert job_digest(tiles) == job_digest(facts) != job_digest(other)


def test_without_an_identity_nobody_can_go_on():
    facts = job_facts(Neighbourhood(), random_scene(4, 4), (4, 4), Wanted(), None)
    assert not facts["resumable"]
    assert job_facts(Neighbourhood(), random_scene(4, 4), (4, 4), Wanted(), {})["resumable"]
    assert np.array_equal(facts["bands"], range(4))
