"""Maps: every valid pixel, the same for any tile size, on the scene's grid."""

import subprocess
import sys

import numpy as np
import pytest
import rasterio
import torch
from affine import Affine

from spectralmamba.errors import ConfigError, LabelError, OutputError, SceneError
from spectralmamba.labels import ClassTable, open_labels
from spectralmamba.mapping import map_scene, predict_scene
from spectralmamba.mapping.mapper import classify
from spectralmamba.models import create_model
from spectralmamba.models.predictor import ModelPredictor
from spectralmamba.sampling.standardise import Standardiser
from spectralmamba.sampling.windows import read_window
from spectralmamba.scenes.contract import make_scene, with_grid
from spectralmamba.scenes.grid import grid_of
from tests.mapping.fakes import Neighbourhood


def random_scene(height: int, width: int, bands: int = 4, holes: float = 0.1, seed: int = 0, crs: str | None = None):
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(bands, height, width)).astype(np.float32)
    data[:, rng.random((height, width)) < holes] = np.nan
    if height > 2:
        data[1, 1, 1] = np.nan  # one band alone makes a pixel invalid
    scene = make_scene(data, name="scene", source="test")
    return (
        scene if crs is None else with_grid(scene, rasterio.crs.CRS.from_string(crs), Affine(10, 0, 500, 0, -10, 900))
    )


def expected(scene, predictor):
    """Classes and confidences from one window, the whole scene."""
    _, height, width = scene.shape
    logits = predictor.logits(read_window(scene, (0, height), (0, width), predictor.radius, predictor.bands))
    index, confidence = classify(logits, predictor.temperature)
    return np.array([*predictor.classes.numbers, 0])[index], confidence


@pytest.mark.parametrize("tile_size", [1, 3, 7, 64])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 9), (2, 3), (3, 3), (23, 17)])
def test_any_tile_size_gives_the_whole_scene(height, width, tile_size):
    scene, predictor = random_scene(height, width, holes=0.1 if height > 3 else 0), Neighbourhood(radius=2)
    classes, confidence = predict_scene(predictor, scene, tile_size=tile_size)
    truth = expected(scene, predictor)
    assert np.array_equal(classes, truth[0])
    assert np.array_equal(confidence, truth[1], equal_nan=True)


def spectral_mamba(bands: int = 30) -> ModelPredictor:
    torch.manual_seed(0)
    model = create_model("spectralmamba", n_bands=bands, n_classes=3)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.4)
    return ModelPredictor(
        model,
        Standardiser(np.zeros(bands, np.float32), np.ones(bands, np.float32)),
        np.arange(bands),
        np.full(bands, np.nan),
        ClassTable.from_numbers([1, 10, 11]),
        0.7,
    )


def test_files_are_the_same_bytes_for_any_tile_size_and_number_of_threads(tmp_path):
    scene, predictor = random_scene(41, 37, bands=30), spectral_mamba()
    contents, before = set(), torch.get_num_threads()
    try:
        for i, (tile, threads) in enumerate([(5, 1), (16, 2), (256, 2), (256, 1)]):
            torch.set_num_threads(threads)
            folder = tmp_path / str(i)
            map_scene(predictor, scene, folder / "map.tif", confidence=folder / "confidence.tif", tile_size=tile)
            contents.add(tuple((folder / name).read_bytes() for name in ("map.tif", "confidence.tif")))
    finally:
        torch.set_num_threads(before)
    assert len(contents) == 1


def test_logits_are_the_same_bits_for_any_tile_size():
    scene, predictor = random_scene(41, 37, bands=30), spectral_mamba()
    whole = predictor.logits(read_window(scene, (0, 41), (0, 37), predictor.radius))
    for size in (4, 32):
        for top in range(0, 41, size):
            for left in range(0, 37, size):
                rows, columns = (top, min(top + size, 41)), (left, min(left + size, 37))
                part = predictor.logits(read_window(scene, rows, columns, predictor.radius))
                assert np.array_equal(part, whole[:, slice(*rows), slice(*columns)], equal_nan=True)


def test_a_map_can_be_read_by_others(tmp_path):
    scene, predictor = random_scene(300, 20, crs="EPSG:32633"), Neighbourhood()
    summary = map_scene(predictor, scene, tmp_path / "map.tif", confidence=tmp_path / "confidence.tif")
    truth = expected(scene, predictor)
    with rasterio.open(tmp_path / "map.tif") as file:
        assert (file.crs, file.transform) == (scene.rio.crs, grid_of(scene).transform)
        assert (file.nodata, file.dtypes, file.profile["tiled"], file.compression.name) == (
            0,
            ("uint8",),
            True,
            "deflate",
        )
        assert file.colormap(1)[5] == (*bytes.fromhex(predictor.classes.colours[1][1:]), 255)
        assert file.tags(1)["CLASS_9"] == "c & d"
        assert np.array_equal(file.read(1), truth[0])
    with rasterio.open(tmp_path / "confidence.tif") as file:
        assert file.dtypes == ("float32",)
        assert np.isnan(file.nodata)
        assert np.array_equal(file.read(1), truth[1], equal_nan=True)
    numbers, counts = np.unique(truth[0], return_counts=True)
    assert summary.pixels == dict(zip(numbers.tolist(), counts.tolist(), strict=True))
    assert summary.valid == (truth[0] > 0).sum()


def test_class_names_are_where_gdal_looks(tmp_path):
    map_scene(Neighbourhood(), random_scene(9, 9), tmp_path / "map.tif")
    names = open_labels(tmp_path / "map.tif").attrs["classes"]
    assert dict(zip(names.numbers, names.names, strict=True)).items() <= {2: "a", 5: "b", 9: "c & d"}.items()
    assert "<Category>c &amp; d</Category>" in (tmp_path / "map.tif.aux.xml").read_text()


def test_a_scene_without_georeferencing_gives_a_map_without(tmp_path):
    map_scene(Neighbourhood(), random_scene(9, 9), tmp_path / "map.tif")
    with rasterio.open(tmp_path / "map.tif") as file:
        assert file.crs is None
        assert file.transform.is_identity


@pytest.mark.parametrize(("largest", "dtype"), [(255, "uint8"), (256, "uint16"), (65535, "uint16")])
def test_original_class_numbers_in_the_smallest_type(tmp_path, largest, dtype):
    predictor = Neighbourhood(classes=ClassTable.from_numbers([1, 3, largest]))
    map_scene(predictor, random_scene(20, 20), tmp_path / "map.tif")
    with rasterio.open(tmp_path / "map.tif") as file:
        assert file.dtypes == (dtype,)
        assert set(np.unique(file.read(1))) == {0, 1, 3, largest}


def test_class_numbers_that_do_not_fit_are_refused(tmp_path):
    with pytest.raises(LabelError, match="65536"):
        map_scene(Neighbourhood(classes=ClassTable.from_numbers([1, 2, 65536])), random_scene(5, 5), tmp_path / "m.tif")


def test_unmasked_nodata_and_the_users_mask_are_left_out():
    scene = random_scene(8, 8, holes=0)
    scene.values[:, 0, :3] = -9999
    scene.values[0, 5, 5] = -9999
    scene = scene.drop_attrs().rio.write_nodata(-9999)
    excluded = np.zeros((8, 8), bool)
    excluded[7] = True
    classes, confidence = predict_scene(Neighbourhood(), scene.assign_coords(excluded=(("y", "x"), excluded)))
    invalid = excluded.copy()
    invalid[0, :3] = invalid[5, 5] = invalid[1, 1] = True
    assert np.array_equal(classes == 0, invalid)
    assert np.array_equal(np.isnan(confidence), invalid)


def test_only_tiles_are_computed(tmp_path):
    predictor = Neighbourhood(radius=2)
    map_scene(predictor, random_scene(40, 40), tmp_path / "map.tif", tile_size=16)
    assert max(max(size[1:]) for size in predictor.sizes) == 16 + 4
    assert len(predictor.sizes) == 9


@pytest.mark.parametrize(
    ("scene", "match"),
    [
        (random_scene(6, 6, bands=5), "5 bands but the model was trained on 4"),
        (random_scene(6, 6, holes=1.1), "nothing to map"),
    ],
)
def test_scenes_that_cannot_be_mapped_leave_nothing(tmp_path, scene, match):
    with pytest.raises(SceneError, match=match):
        map_scene(Neighbourhood(), scene, tmp_path / "map.tif", confidence=tmp_path / "confidence.tif")
    assert list(tmp_path.iterdir()) == []


def test_other_wavelengths_are_refused():
    predictor = Neighbourhood(wavelengths=(400, 500, 600, 700))
    scene = random_scene(4, 4).assign_coords(wavelength=("band", [400.2, 500, 612.5, np.nan]))
    with pytest.raises(SceneError, match=r"600\.0, 700\.0 nm.* 612\.5 nm"):
        predict_scene(predictor, scene)


def test_folders_made_for_a_map_that_fails_go_again(tmp_path):
    with pytest.raises(SceneError, match="nothing to map"):
        map_scene(Neighbourhood(), random_scene(6, 6, holes=1.1), tmp_path / "new" / "deep" / "map.tif")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_keeps_the_map_that_was_there(tmp_path):
    (tmp_path / "map.tif").write_bytes(b"precious")

    class Failing(Neighbourhood):
        def logits(self, window):
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        map_scene(Failing(), random_scene(6, 6), tmp_path / "map.tif")
    assert [p.name for p in tmp_path.iterdir()] == ["map.tif"]
    assert (tmp_path / "map.tif").read_bytes() == b"precious"


def test_places_that_cannot_be_written_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="not a folder"):
        map_scene(Neighbourhood(), random_scene(6, 6), tmp_path / "file" / "map.tif")


def test_tiles_of_no_size_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="tile size 0"):
        map_scene(Neighbourhood(), random_scene(6, 6), tmp_path / "map.tif", tile_size=0)
    assert list(tmp_path.iterdir()) == []


def test_ties_go_to_the_first_class_and_confidence_is_the_softmax():
    logits = np.array([[[1.0, 0.0]], [[1.0, 2.0]], [[0.0, np.nan]]], np.float32)
    index, confidence = classify(logits, temperature=0.5)
    assert index.tolist() == [[0, -1]]
    assert confidence[0, 0] == pytest.approx(1 / (2 + np.exp(-2)))
    assert np.isnan(confidence[0, 1])


def test_mapping_needs_no_pytorch():
    code = "import sys, spectralmamba.mapping; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
