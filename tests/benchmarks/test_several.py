"""Protocols of several scenes."""

import pytest

from spectralmamba.benchmarks.reading import read_protocol
from spectralmamba.benchmarks.runner import run_benchmark
from spectralmamba.benchmarks.units import units_of
from spectralmamba.errors import ConfigError
from tests.benchmarks.conftest import PROTOCOL
from tests.sampling.test_pairs import written

DATA = "{scene: pixels.npz, labels: pixels.npz}"
SPLIT = "{folds: pixels.npz, validation_fraction: 0.0}\ntest_folds: [0, 1]"


@pytest.fixture
def scenes(folder):
    """The pixels as two files of one stem, and a protocol that goes by their list."""
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "pixels.npz").write_bytes((folder / "pixels.npz").read_bytes())
    written(folder, "scene,labels,part\na/pixels.npz,a/pixels.npz,train\nb/pixels.npz,b/pixels.npz,test\n")
    text = PROTOCOL.replace(DATA, "{pairs: scenes.csv}").replace(SPLIT, "{validation_fraction: 0.0}")
    (folder / "several.yaml").write_text(text)
    return folder


def protocol(folder):
    return read_protocol(str(folder / "several.yaml"))


def test_a_list_names_the_scenes_and_what_they_are_for(scenes):
    units = units_of(protocol(scenes))
    assert len(units) == 3
    config = units[0].config
    assert [item["name"] for item in config.data] == ["pixels", "pixels_2"]
    assert config.data[1]["scene"] == str(scenes / "b" / "pixels.npz")
    assert (config.split.recipe, config.split.test_scenes) == ("scenes", ("pixels_2",))


def test_keys_follow_names_parts_and_content(scenes):
    def keys(text: str) -> set[str]:
        written(scenes, text)
        return {unit.key for unit in units_of(protocol(scenes))}

    rows = ("a/pixels.npz,a/pixels.npz", "b/pixels.npz,b/pixels.npz")
    first = keys(f"scene,labels,name,part\n{rows[0]},x,\n{rows[1]},y,test\n")
    assert first == keys(f"scene,labels,part,name\n{rows[0]},,x\n{rows[1]},test,y\n")
    assert not first & keys(f"scene,labels,name,part\n{rows[0]},x,test\n{rows[1]},y,\n")
    assert not first & keys(f"scene,labels,name,part\n{rows[0]},x,\n{rows[1]},z,test\n")


def test_folds_may_be_scenes(scenes):
    (scenes / "folds.csv").write_text("tile,fold\npixels,0\npixels_2,1\n")
    written(scenes, "scene,labels\na/pixels.npz,a/pixels.npz\nb/pixels.npz,b/pixels.npz\n")
    text = (
        (scenes / "several.yaml").read_text().replace("{validation_fraction", "{folds: folds.csv, validation_fraction")
    )
    (scenes / "several.yaml").write_text(text)
    units = units_of(protocol(scenes))
    assert {(unit.config.split.recipe, unit.fold) for unit in units} == {("tiles", 0), ("tiles", 1)}


def test_it_runs(scenes, tmp_path):
    results = run_benchmark(protocol(scenes), tmp_path / "out", seeds=[0])
    assert [result.n_test for result in results] == [72, 72]
    assert "scenes (tested on pixels_2)" in results[0].split


@pytest.mark.parametrize(
    ("data", "reason"),
    [("{pairs: scenes.csv, scene: a.tif}", "pairs go alone"), ("{pairs: none.csv}", "cannot read the list of scenes")],
)
def test_bad_data_is_refused(scenes, data, reason):
    (scenes / "several.yaml").write_text(PROTOCOL.replace(DATA, data).replace(SPLIT, "{}"))
    with pytest.raises(ConfigError, match=reason):
        units_of(protocol(scenes))
