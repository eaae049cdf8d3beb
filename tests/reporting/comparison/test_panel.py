"""Maps of kept runs side by side."""

from dataclasses import replace

import numpy as np
import pytest
import rasterio

from spectralmamba.benchmarks import runner
from spectralmamba.benchmarks.protocol import DataSource, ModelEntry, Protocol
from spectralmamba.benchmarks.record import read_benchmark
from spectralmamba.benchmarks.results import ResultFolder
from spectralmamba.benchmarks.runner import run_benchmark
from spectralmamba.errors import RunError, SceneError
from spectralmamba.labels import ClassTable
from spectralmamba.mapping import predict_scene
from spectralmamba.models.saved import load_predictor
from spectralmamba.reporting.comparison import figure_panel
from spectralmamba.reporting.comparison.model_maps import ModelMaps, compute_maps
from spectralmamba.reporting.style import NO_DATA
from spectralmamba.scenes import open_scene
from spectralmamba.training import Run
from tests.reporting.pictures import has_colour, random_scene, read
from tests.small import write_files

from .made import benchmark, both_forms, outside, overlapping, texts

SMALL = {"dim": 4, "state_size": 2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A benchmark of two models on a small georeferenced scene, its runs kept."""
    place = tmp_path_factory.mktemp("panel")
    scene, labels = write_files(place)
    protocol = Protocol(
        "small",
        DataSource(scene=str(scene), labels=str(labels)),
        (ModelEntry("spectralmamba", options=SMALL), ModelEntry("mlp", patch_size=1, seeds=(4,))),
        title="A small scene",
        split={"recipe": "random", "train_fraction": 0.5},
        seeds=(3, 4),
        training={"epochs": 1, "batch_size": 64},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "SPEED_SECONDS", 0.0)
        run_benchmark(protocol, place / "out", keep_runs=True)
    return place / "out"


@pytest.fixture
def made(folder):
    return read_benchmark(folder)


def test_the_maps_are_those_of_the_first_run_of_each_model(made, folder):
    progress = []
    maps = compute_maps(made, lambda *step: progress.append(step))
    assert [(r.name, r.seed) for r in maps.results] == [("spectralmamba, patchwise", 3), ("mlp, pixelwise", 4)]
    assert progress == [(1, 2, "spectralmamba, patchwise"), (2, 2, "mlp, pixelwise")]
    scene = open_scene(folder.parent / "scene.tif")
    for result, numbers in zip(maps.results, maps.maps, strict=True):
        run = ResultFolder(folder).run_folder(result.key)
        np.testing.assert_array_equal(numbers, predict_scene(load_predictor(run), scene)[0])
    (split,) = Run(ResultFolder(folder).run_folder(maps.results[0].key)).split().scenes.values()
    assert (maps.train > 0).sum() == sum((split.part(name).values > 0).sum() for name in ("train", "validation"))
    np.testing.assert_array_equal(maps.test, split.test.values)
    assert not maps.same_split  # the seeds differ


def test_the_picture_shows_scene_labels_and_maps(made, drawn, tmp_path):
    figure_panel(made, tmp_path / "f.png")
    (figure,) = drawn
    assert overlapping(figure) == []
    assert outside(figure) == []
    said = [t.get_text() for t in texts(figure)]
    assert {"False colour", "Training labels", "Test labels", "SpectralMamba, patchwise", "MLP, pixelwise"} <= set(said)
    first = made.results[0]
    assert f"OA {100 * first.matrix.overall_accuracy:.1f} %" in said
    caption = " ".join(said)
    assert "of one run each, seed 3." in caption
    assert "Of MLP, pixelwise: seed 4." in caption
    assert any(text.endswith(" m") for text in said)  # the scale bar: the scene is georeferenced
    images = [image for axes in figure.axes for image in axes.images]
    assert len(images) == 5
    maps = compute_maps(made)
    for image, numbers in zip(images[1:], (maps.train, maps.test, *maps.maps), strict=True):
        for number, _, colour in maps.table.classes:
            rgb = np.array(list(bytes.fromhex(colour[1:]))) / 255
            there = np.abs(np.asarray(image.get_array()) - rgb).max(axis=-1) < 1e-3
            assert (there >= (numbers == number)).all()
    picture = read(tmp_path / "f.png")
    assert all(has_colour(picture, colour) for _, _, colour in maps.table.classes)


@pytest.mark.parametrize("shape", [(400, 70), (70, 400), (90, 80)])
def test_many_models_on_scenes_of_every_shape(shape, drawn, monkeypatch, tmp_path):
    from spectralmamba.reporting.comparison import panel

    many = benchmark(both_forms(), seeds=(0,))
    numbers = np.random.default_rng(0).integers(1, 4, shape).astype(np.uint8)
    table = ClassTable.from_numbers([1, 2, 3], ["Healthy grass", "Self-blocking bricks", "Water"])
    maps = ModelMaps(random_scene(5, *shape), numbers, numbers, True, list(many.results), [numbers] * 16, table)
    monkeypatch.setattr(panel, "compute_maps", lambda *_: maps)
    figure_panel(many, tmp_path / "f.png")
    assert overlapping(drawn[0]) == []
    assert outside(drawn[0]) == []
    assert drawn[0].get_figheight() < 11.7  # a page
    images = [axes for axes in drawn[0].axes if axes.images]
    assert len(images) == 19
    for axes in images:
        box = axes.get_window_extent()
        assert box.width / box.height == pytest.approx(shape[1] / shape[0], rel=0.01)


def test_of_several_scenes_that_with_the_most_test_pixels_is_shown(drawn, tmp_path, monkeypatch):
    paths = {}
    for name, seed in (("north", 0), ("south", 1)):
        (tmp_path / name).mkdir()
        paths[name] = write_files(tmp_path / name, seed)
    with rasterio.open(paths["south"][0], "r+") as scene, rasterio.open(paths["south"][1], "r+") as labels:
        scene.transform = labels.transform = scene.transform.translation(1e5, 0) * scene.transform
    rows = "".join(f"{scene},{labels},{name}\n" for name, (scene, labels) in paths.items())
    (tmp_path / "pairs.csv").write_text(f"scene,labels,name\n{rows}")
    protocol = Protocol(
        "two", DataSource(pairs=str(tmp_path / "pairs.csv")), (ModelEntry("mlp", patch_size=1),),
        split={"recipe": "scenes", "test_scenes": ["south"]}, seeds=(0,), training={"epochs": 1},
    )  # fmt: skip
    monkeypatch.setattr(runner, "SPEED_SECONDS", 0.0)
    run_benchmark(protocol, tmp_path / "out", keep_runs=True)
    two = read_benchmark(tmp_path / "out")
    maps = compute_maps(two)
    assert (maps.test > 0).sum() == two.results[0].n_test > 0
    assert (maps.train > 0).sum() == 0
    figure_panel(two, tmp_path / "f.png")
    said = " ".join(t.get_text() for t in texts(drawn[0]))
    assert "Shown is south, one of 2 scenes" in said.replace("\n", " ")


def test_one_model_alone(made, drawn, tmp_path):
    figure_panel(made.only(["mlp"]), tmp_path / "f.png")
    assert len([image for axes in drawn[0].axes for image in axes.images]) == 4


def test_pixels_without_data_are_grey(made, monkeypatch, tmp_path):
    from spectralmamba.reporting.comparison import panel

    maps = compute_maps(made)
    values = maps.scene.values.copy()
    values[:, :10] = np.nan
    scene = maps.scene.copy(data=values)
    monkeypatch.setattr(panel, "compute_maps", lambda *_: replace(maps, scene=scene))
    figure_panel(made, tmp_path / "f.png")
    assert has_colour(read(tmp_path / "f.png"), NO_DATA)


def test_a_large_scene_is_shown_at_the_resolution_of_the_screen(made, drawn, monkeypatch, tmp_path):
    from spectralmamba.reporting import false_colour
    from spectralmamba.reporting.comparison import panel

    monkeypatch.setattr(false_colour, "LARGEST_SIDE", 16)  # of 48
    maps = compute_maps(made)
    lonely = np.zeros((48, 48), np.uint8)
    lonely[1, 1] = maps.table.numbers[0]
    monkeypatch.setattr(panel, "compute_maps", lambda *_: replace(maps, test=lonely))
    figure_panel(made, tmp_path / "f.png")
    images = [np.asarray(image.get_array()) for axes in drawn[0].axes for image in axes.images]
    assert {image.shape for image in images} == {(16, 16, 3)}
    # The one pixel lies between those that are kept, and is still seen.
    rgb = np.array(list(bytes.fromhex(maps.table.colours[0][1:]))) / 255
    assert (np.abs(images[2] - rgb).max(axis=-1) < 1e-3).sum() >= 1


def test_labelled_spectra_without_a_scene_are_drawn_larger(made, drawn, monkeypatch, tmp_path):
    from spectralmamba.reporting.comparison import panel

    maps = compute_maps(made)
    apart = np.zeros((48, 48), bool)
    apart[::12, ::12] = True
    scene = maps.scene.where(apart)
    alone = replace(maps, scene=scene, maps=[np.where(apart, numbers, 0) for numbers in maps.maps])
    monkeypatch.setattr(panel, "compute_maps", lambda *_: alone)
    monkeypatch.setattr(panel, "SMALLEST_DOT", 0.3)
    figure_panel(made, tmp_path / "f.png")
    images = [np.asarray(image.get_array()) for axes in drawn[0].axes for image in axes.images]
    grey = np.array([0xE4] * 3) / 255
    assert all((np.abs(image - grey).max(axis=-1) > 0.01).sum() > 2 * apart.sum() for image in images)


def test_runs_that_were_not_kept(made, folder, tmp_path):
    (tmp_path / "out").mkdir()
    for name in ("protocol.json", "results"):
        (tmp_path / "out" / name).symlink_to(folder / name)
    with pytest.raises(RunError, match=r"no run directory of 'spectralmamba, patchwise'.*--keep-runs"):
        figure_panel(read_benchmark(tmp_path / "out"), tmp_path / "f.png")
    assert not (tmp_path / "f.png").exists()


def test_a_scene_that_is_gone(made, folder, tmp_path):
    scene = folder.parent / "scene.tif"
    scene.rename(folder.parent / "elsewhere.tif")
    try:
        with pytest.raises(SceneError, match=r"scene\.tif"):
            figure_panel(made, tmp_path / "f.png")
    finally:
        (folder.parent / "elsewhere.tif").rename(scene)
