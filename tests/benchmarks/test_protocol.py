"""Protocols as files."""

from dataclasses import replace

import numpy as np
import pytest

from spectralmamba.benchmarks.protocol import read_protocol, shipped_protocols
from spectralmamba.benchmarks.units import units_of
from spectralmamba.errors import ConfigError, SplitError
from spectralmamba.models import model_names
from tests.benchmarks.conftest import PROTOCOL


def test_every_shipped_protocol_can_be_read(tmp_path):
    assert shipped_protocols()
    for name, title in shipped_protocols().items():
        protocol = read_protocol(name, tmp_path)
        assert protocol.name == name
        assert title
        assert {entry.model for entry in protocol.models} <= set(model_names())
        for published in protocol.published:
            assert published.source


def test_paths_are_relative_to_the_file_or_to_the_data_folder(folder):
    protocol = read_protocol(str(folder / "small.yaml"))
    assert protocol.data.scene == str(folder / "pixels.npz")
    assert protocol.split["folds"] == str(folder / "pixels.npz")
    (folder / "other.yaml").write_text(PROTOCOL.replace("pixels.npz", '"{data}/a.npz"'))
    assert read_protocol(str(folder / "other.yaml"), folder / "x").data.scene == str(folder / "x" / "a.npz")


def test_a_unit_for_each_model_seed_and_fold(folder):
    units = units_of(read_protocol(str(folder / "small.yaml")))
    assert [(u.name, u.seed, u.fold) for u in units] == [
        ("spectralmamba, pixelwise", 0, 0),
        ("spectralmamba, pixelwise", 0, 1),
        ("no scan", 0, 0),
        ("no scan", 0, 1),
        ("spectralmamba, pixelwise", 1, 0),
        ("spectralmamba, pixelwise", 1, 1),
    ]
    assert len({u.key for u in units}) == len(units)
    for unit in units:
        assert unit.config.training.seed == unit.config.split.seed == unit.config.split.fold_set == unit.seed
        assert unit.config.split.test_fold == unit.fold
        assert unit.config.training.epochs == 2


def test_all_folds_where_none_is_named(folder):
    (folder / "small.yaml").write_text(PROTOCOL.replace("test_folds: [0, 1]\n", ""))
    assert {u.fold for u in units_of(read_protocol(str(folder / "small.yaml")))} == {0, 1, 2, 3}


def test_keys_follow_options_and_the_content_of_the_data_but_not_its_place(folder, tmp_path_factory):
    def keys():
        return [u.key for u in units_of(read_protocol(str(folder / "small.yaml")))]

    before = keys()
    moved = folder.rename(tmp_path_factory.mktemp("other") / "moved")
    assert [u.key for u in units_of(read_protocol(str(moved / "small.yaml")))] == before
    moved.rename(folder)
    (folder / "small.yaml").write_text(PROTOCOL.replace("epochs: 2", "epochs: 3"))
    assert not set(keys()) & set(before)
    (folder / "small.yaml").write_text(PROTOCOL)
    assert keys() == before
    data = bytearray((folder / "pixels.npz").read_bytes())
    data[200] ^= 1
    (folder / "pixels.npz").write_bytes(data)
    with pytest.raises((AssertionError, SplitError)):
        assert keys() == before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seeds: [0, 1]", "seeds: []", "no model or no seed"),
        ("seeds: [0, 1]", "sedes: [0, 1]", "sedes"),
        ("epochs: 2", "epoch: 2", "epoch"),
        ("epochs: 2", "epochs: 0", "epochs 0"),
        ("validation_fraction: 0.0", "validation_share: 0.0", "validation_share"),
        ("label: no scan, ", "", "label of its own"),
        ("scene: pixels.npz, ", "", "give a dataset, scene and labels, or pairs"),
        ("scene: pixels.npz", "scene: [", "write YAML"),
        ("folds: pixels.npz, ", "", "no folds"),
    ],
)
def test_what_is_wrong_is_said(folder, old, new, message):
    (folder / "small.yaml").write_text(PROTOCOL.replace(old, new, 1))
    with pytest.raises(ConfigError, match=message):
        units_of(read_protocol(str(folder / "small.yaml")))


def test_a_missing_file_of_the_data_is_named(folder):
    (folder / "small.yaml").write_text(PROTOCOL.replace("scene: pixels.npz", "scene: none.npz", 1))
    with pytest.raises(ConfigError, match=r"none\.npz"):
        units_of(read_protocol(str(folder / "small.yaml")))


@pytest.mark.parametrize("name", ["nothing", "nothing.yaml"])
def test_a_protocol_that_is_not_there(name):
    with pytest.raises(ConfigError, match="name a YAML file"):
        read_protocol(name)


def test_a_data_folder_is_asked_for_where_one_is_needed(folder):
    (folder / "small.yaml").write_text(PROTOCOL.replace("pixels.npz", '"{data}/a.npz"'))
    with pytest.raises(ConfigError, match="needs a data folder"):
        read_protocol(str(folder / "small.yaml"))


def test_models_are_chosen_by_label_or_name(folder):
    protocol = read_protocol(str(folder / "small.yaml"))
    assert [entry.name for entry in protocol.only(["no scan"]).models] == ["no scan"]
    assert len(protocol.only(["spectralmamba"]).models) == 2
    with pytest.raises(ConfigError, match="no model 'vit'"):
        protocol.only(["vit"])


def test_given_maps_take_the_place_of_the_split(folder):
    protocol = read_protocol(str(folder / "small.yaml"))
    for name in ("train", "test"):
        np.save(folder / f"{name}.npy", np.zeros((2, 2), np.uint8))
    units = units_of(protocol.on_maps(folder / "train.npy", folder / "test.npy"))
    assert {u.config.split.recipe for u in units} == {"fixed"}
    assert units[0].config.data[0]["labels"] == str(folder / "train.npy")
    assert units[0].config.data[0]["test_labels"] == str(folder / "test.npy")
    assert protocol.on_maps(None, None) is protocol
    with pytest.raises(ConfigError, match="training and test pixels"):
        protocol.on_maps(folder / "train.npy", None)


@pytest.fixture
def houston(tmp_path, monkeypatch):
    """A data set with a published split, as the catalogue would tell of it."""
    files = {}
    for name in ("scene", "labels", "test_labels"):
        files[name] = str(tmp_path / f"{name}.npy")
        np.save(files[name], np.zeros((2, 2), np.uint8))
    monkeypatch.setattr("spectralmamba.benchmarks.data.dataset_files", lambda name: {"dataset": name, **files})
    return files


def test_a_published_split_is_taken_unless_there_is_another(houston, tmp_path):
    (fixed, *_) = units_of(read_protocol("houston2013"))
    assert fixed.config.split.recipe == "fixed"
    assert fixed.config.data[0] == {"dataset": "houston2013"} | houston
    selecting = replace(read_protocol("houston2013"), split={"validation_fraction": 0.1})
    assert units_of(selecting)[0].config.split.recipe == "fixed"
    (regions, *_) = units_of(read_protocol("houston2013-regions"))
    assert regions.config.split.recipe == "regions"
    assert regions.config.data[0]["more_labels"] == houston["test_labels"]
    assert "test_labels" not in regions.config.data[0]
