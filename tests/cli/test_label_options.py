"""Options of how labels are opened, through the commands: training on polygons and points, evaluation by name."""

import json

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
import yaml
from affine import Affine

from spectralmamba import ClassTable, open_labels, open_scene
from spectralmamba.cli.main import run as spectralmamba

QUICK = ["--split", "random", "--epochs", "3", "--batch-size", "32"]
NAMES = {1: "grass", 2: "road", 3: "roof"}


def output(capsys, *arguments: object) -> str:
    capsys.readouterr()
    assert spectralmamba([str(a) for a in arguments]) == 0
    return capsys.readouterr().out


def line(capsys, *arguments: object) -> str:
    capsys.readouterr()
    assert spectralmamba([str(a) for a in arguments]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ")
    return error


@pytest.fixture(scope="module")
def drawn(files, tmp_path_factory):
    """The labels of the simulated scene as polygons of a text attribute, less some, and single points."""
    from rasterio.features import shapes

    folder = tmp_path_factory.mktemp("drawn")
    with rasterio.open(files.labels) as file:
        values, transform, crs = file.read(1), file.transform, file.crs
    areas = list(shapes(values, values > 0, 4, transform))
    polygons = [(shapely.geometry.shape(shape), NAMES[int(value)]) for shape, value in areas]
    frame = gpd.GeoDataFrame({"cover": [name for _, name in polygons]}, geometry=[one for one, _ in polygons], crs=crs)
    frame.to_crs("EPSG:4326").to_file(folder / "polygons.gpkg")
    rows, columns = np.nonzero(values)
    chosen = np.random.default_rng(0).permutation(len(rows))[:60]
    places = [shapely.Point(transform * (columns[i] + 0.5, rows[i] + 0.5)) for i in chosen]
    names = [NAMES[int(values[rows[i], columns[i]])] for i in chosen]
    gpd.GeoDataFrame({"cover": names, "quality": 1}, geometry=places, crs=crs).to_file(folder / "points.gpkg")
    (folder / "classes.csv").write_text("number,name\n1,grass\n2,road\n3,roof\n")
    return folder


@pytest.fixture(scope="module")
def run(files, drawn):
    """A run on the polygons, road and roof put together."""
    arguments = ["train", files.scene, drawn / "polygons.gpkg", "--merge", "road,roof=built", "--out", drawn / "run"]
    assert spectralmamba([str(a) for a in [*arguments, *QUICK]]) == 0
    return drawn / "run"


def test_polygons_are_the_labels(files, drawn):
    scene = open_scene(files.scene)
    np.testing.assert_array_equal(
        open_labels(drawn / "polygons.gpkg", like=scene), open_labels(files.labels, like=scene)
    )


def test_what_was_asked_for_is_in_the_run(drawn, run):
    data = yaml.safe_load((run / "config.yaml").read_text())["data"][0]
    assert data["merge"] == "road,roof=built"
    assert data["labels"] == str(drawn / "polygons.gpkg")
    names = [row["name"] for row in json.loads((run / "model.json").read_text())["classes"]]
    assert names == ["grass", "built"]


def test_a_run_is_resumed_without_its_options(files, drawn, run):
    assert spectralmamba(["train", str(files.scene), str(drawn / "polygons.gpkg"), "--out", str(run), "--resume"]) == 0


def test_evaluated_by_name_on_a_raster_of_other_numbers(files, drawn, run, capsys, tmp_path):
    """The same classes numbered 9, 5 and 7 give the same figures as the polygons themselves."""
    own = output(capsys, "evaluate", run, files.scene, drawn / "polygons.gpkg", "--merge", "road,roof=built", "--json")
    scene = open_scene(files.scene)
    labels = open_labels(files.labels, like=scene)
    with rasterio.open(files.labels) as file:
        profile = file.profile | {"photometric": None}
    with rasterio.open(tmp_path / "other.tif", "w", **profile) as file:
        file.write(np.choose(labels.values, [0, 9, 5, 7]).astype(np.uint8), 1)
    ClassTable.from_numbers([9, 5, 7], ["grass", "road", "roof"]).write(tmp_path / "other.csv")
    by_name = ["--classes", tmp_path / "other.csv", "--merge", "5,7=built", "--json"]
    other = output(capsys, "evaluate", run, files.scene, tmp_path / "other.tif", *by_name)
    mine, theirs = json.loads(own), json.loads(other)
    assert theirs["overall_accuracy"] == mine["overall_accuracy"]
    assert theirs["n_pixels"] == mine["n_pixels"] > 0
    assert "classes matched by name: built 5 → 2, grass 9 → 1" in theirs["remarks"]


def test_names_that_differ_by_case_are_refused(files, drawn, run, capsys, tmp_path):
    (tmp_path / "a.csv").write_text("number,name\n1,Grass\n2,road\n3,roof\n")
    options = ["--classes", tmp_path / "a.csv", "--merge", "2,3=built"]
    assert "differ by case only" in line(capsys, "evaluate", run, files.scene, files.labels, *options)


def test_all_points_are_learned_from_and_kept_away_from(files, drawn, capsys, tmp_path):
    points = ["--attribute", "cover", "--split", "all", "--patch-size", "1", "--epochs", "3"]
    output(capsys, "train", files.scene, drawn / "points.gpkg", *points, "--out", tmp_path / "run")
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["test"] is None
    assert metrics["confidence"] == {"expected_calibration_error": None}
    assert "has not been evaluated" in (tmp_path / "run" / "report.html").read_text()
    found = {}
    for name, options in {
        "near": [],
        "buffer": ["--buffer", "2"],
        "exclude": ["--exclude", drawn / "points.gpkg", "--buffer", "2"],
        "more": ["--exclude", files.labels],
    }.items():
        arguments = [
            "evaluate",
            tmp_path / "run",
            files.scene,
            files.labels,
            "--classes",
            drawn / "classes.csv",
            *options,
        ]
        if name == "more":  # everything is excluded
            assert "no labelled pixel is left" in line(capsys, *arguments)
        else:
            found[name] = json.loads(output(capsys, *arguments, "--json"))
    scene = open_scene(files.scene)
    labels = open_labels(files.labels, like=scene).values
    seen = np.argwhere(open_labels(drawn / "points.gpkg", like=scene, attribute="cover").values)
    rows, columns = np.nonzero(labels)
    distance = np.abs(np.stack([rows, columns], 1)[:, None] - seen[None]).max(axis=-1).min(axis=1)
    valid = np.isfinite(scene.values).all(axis=0)[rows, columns]
    assert found["near"]["n_pixels"] == ((distance > 0) & valid).sum()
    assert found["buffer"]["n_pixels"] == found["exclude"]["n_pixels"] == ((distance > 2) & valid).sum()
    assert any("within 2 of an excluded one" in remark for remark in found["exclude"]["remarks"])


def test_points_are_split_by_blocks(files, drawn, capsys, tmp_path):
    options = ["--attribute", "cover", "--point-radius", "1.5px", "--overlap", "drop", "--epochs", "2"]
    text = output(capsys, "train", files.scene, drawn / "points.gpkg", *options, "--out", tmp_path / "run")
    assert "blocks with a buffer" in text
    data = yaml.safe_load((tmp_path / "run" / "config.yaml").read_text())["data"][0]
    assert (data["point_radius"], data["overlap"], data["attribute"]) == ("1.5px", "drop", "cover")


def test_info_tells_of_points(files, drawn, capsys):
    text = output(capsys, "info", files.scene, drawn / "points.gpkg", "--attribute", "cover", "--layer", "points")
    assert "60 pixels of 3 classes" in text
    assert "blocks, since the labels are points" in text
    merged = output(capsys, "info", files.scene, drawn / "polygons.gpkg", "--merge", "roof,road=built")
    assert "built" in merged
    assert "the labels are points" not in merged


def test_a_raster_for_testing_beside_points_for_training(files, drawn, capsys, tmp_path):
    """The option of the points does not hinder the raster, and its classes are matched by name."""
    scene = open_scene(files.scene)
    labels = open_labels(files.labels, like=scene)
    seen = open_labels(drawn / "points.gpkg", like=scene, attribute="cover").values > 0
    values = np.where(seen, 0, np.choose(labels.values, [0, 3, 1, 2])).astype(np.uint8)
    with rasterio.open(files.labels) as file:
        profile = file.profile | {"photometric": None}
    with rasterio.open(tmp_path / "test.tif", "w", **profile) as file:
        file.write(values, 1)
        file.update_tags(1, CLASS_3="grass", CLASS_1="road", CLASS_2="roof")
    test = ["--test-labels", tmp_path / "test.tif", "--attribute", "cover", "--epochs", "2"]
    output(capsys, "train", files.scene, drawn / "points.gpkg", *test, "--out", tmp_path / "run")
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["test"]["n_pixels"] > 0
    with rasterio.open(tmp_path / "run" / "split" / "test.tif") as file:
        kept = file.read(1)
    assert (kept[kept > 0] == labels.values[kept > 0]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "has the attributes cover, quality; name the one with the class"),
        (["--attribute", "class"], "no attribute 'class'; those of layer points are cover, quality"),
        (["--attribute", "cover", "--layer", "lines"], "no layer 'lines'; its layers are points"),
        (["--attribute", "cover", "--merge", "rooof,road=built"], "no class 'rooof' to merge"),
        (["--attribute", "cover", "--merge", "roof"], "is not CLASS,CLASS=NAME"),
        (["--attribute", "cover", "--overlap", "biggest"], "no rule 'biggest'"),
        (["--attribute", "cover", "--point-radius", "wide"], "is no length"),
        (["--attribute", "cover", "--classes", "gone.csv"], "cannot read the class table"),
        (["--attribute", "cover", "--split", "all", "--references"], "--split all keeps none; leave out --references"),
    ],
)
def test_bad_options(files, drawn, capsys, tmp_path, options, message):
    arguments = ["train", files.scene, drawn / "points.gpkg", *options, "--out", tmp_path / "run"]
    assert message in line(capsys, *arguments)
    assert not (tmp_path / "run").exists()


def test_a_negative_buffer(files, drawn, run, capsys):
    arguments = ["evaluate", run, files.scene, drawn / "polygons.gpkg", "--merge", "road,roof=built"]
    assert "buffer -1 is not possible" in line(capsys, *arguments, "--buffer", "-1")


def test_labels_elsewhere(files, drawn, capsys, tmp_path):
    far = gpd.read_file(drawn / "polygons.gpkg").to_crs("EPSG:32633")
    far.geometry = far.geometry.affine_transform([*Affine.translation(1e5, 0).to_shapely()])
    far.to_file(tmp_path / "far.gpkg")
    assert "no feature with a class lies in the scene" in line(capsys, "info", files.scene, tmp_path / "far.gpkg")
