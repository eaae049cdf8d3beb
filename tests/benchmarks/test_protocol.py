"""Protocols as files."""

from dataclasses import replace

import numpy as np
import pytest

from spectralmamba.benchmarks.checksum import data_checksum
from spectralmamba.benchmarks.reading import read_protocol, shipped_protocols
from spectralmamba.benchmarks.units import units_of
from spectralmamba.errors import ConfigError, SplitError
from spectralmamba.models import model_names
from tests.benchmarks.conftest import PROTOCOL
from tests.scenes.products import emit


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
        ("seeds: [0, 1]", "seeds: 3", r"seeds has to be a list"),
        ("seeds: [0, 1]", "seeds: [1, 1]", r"\[1, 1\] are not possible; name each one once"),
        ("seeds: [0, 1]", "seeds: [0, -1]", r"not possible"),
        ("seeds: [0, 1]", "sedes: [0, 1]", "no 'sedes'; it has: name, data"),
        ("label: no scan", "lable: no scan", r"models\.1\.lable is not known; known there are: model, label"),
        ("seeds: [0]}", "seeds: [7]}", "no scan has seed 7, which the protocol's seeds"),
        ("seeds: [0]}", "seeds: []}", r"no scan: seeds \[\] are not possible"),
        ("epochs: 2", "epoch: 2", "no 'epoch'; it has: epochs"),
        ("epochs: 2", "epochs: 0", "epochs 0"),
        ("epochs: 2", "epochs: 1.5", "epochs: 1.5: input should be a valid integer"),
        ("epochs: 2", "learning_rate: fast", "learning_rate: 'fast': input should be a valid number"),
        ("epochs: 2", "seed: 2", "seeds stand under 'seeds'"),
        ("validation_fraction: 0.0", "validation_share: 0.0", "no 'validation_share'"),
        ("validation_fraction: 0.0", "seed: 4", "seeds stand under 'seeds'"),
        ("{dim: 8, s6: false}", "{patch_size: 3}", "patch_size stands beside 'model'"),
        ("{dim: 8, s6: false}", "{n_bands: 3}", "n_bands follows from the data"),
        ("label: no scan, ", "", "label of its own"),
        ("name: small", "name: ../small", "cannot be the name"),
        ("name: small\n", "", "name is missing; add it"),
        ("scene: pixels.npz, ", "", "give a dataset, scene and labels, or pairs"),
        ("scene: pixels.npz", "scene: [", "write YAML$"),
        (PROTOCOL, "just words", "has to hold names and their values"),
        ("folds: pixels.npz, ", "", "no folds"),
        ("test_folds: [0, 1]", "test_folds: []", "an empty list of test folds"),
        (
            "split: {folds: pixels.npz, validation_fraction: 0.0}\ntest_folds: [0, 1]",
            "split: {recipe: all}",
            "no pixel to",
        ),
        ("patch_size: 1, label", "patch_size: 3, label", "no scan is patchwise, but .*npz holds spectra without"),
    ],
)
def test_what_is_wrong_is_said(folder, old, new, message):
    assert old in PROTOCOL
    (folder / "small.yaml").write_text(PROTOCOL.replace(old, new, 1))
    with pytest.raises(ConfigError, match=message) as caught:
        units_of(read_protocol(str(folder / "small.yaml")))
    assert "instance" not in str(caught.value)  # no Python in it
    assert "not supported between" not in str(caught.value)


def test_a_number_that_yaml_takes_for_text_is_a_number(folder):
    (folder / "small.yaml").write_text(PROTOCOL.replace("epochs: 2", "epochs: 2, learning_rate: 1e-3"))
    assert units_of(read_protocol(str(folder / "small.yaml")))[0].config.training.learning_rate == 1e-3


def test_other_seeds_leave_no_model_out(folder):
    protocol = read_protocol(str(folder / "small.yaml"))
    several = protocol.with_seeds([0, 1, 2])
    assert [entry.seeds for entry in several.models] == [None, (0,)]
    without = protocol.with_seeds([4, 5])
    assert [entry.seeds for entry in without.models] == [None, (4,)]
    assert {(u.name, u.seed) for u in units_of(protocol, [4])} == {("spectralmamba, pixelwise", 4), ("no scan", 4)}


def test_the_variable_and_what_a_file_is_for_count(folder):
    def key(data):
        protocol = read_protocol(str(folder / "small.yaml"))
        return units_of(replace(protocol, data=replace(protocol.data, **data)))[0].key

    pixels = str(folder / "pixels.npz")
    different = [{}, {"variable": "X"}, {"variable": "Z"}, {"mask": pixels}, {"validation_labels": pixels}]
    assert len({key(data) for data in different}) == len(different)


@pytest.mark.parametrize(
    ("scene", "beside"),
    [("a.img", "a.hdr"), ("a.img", "a.img.hdr"), ("a.hdr", "a.img"), ("a.shp", "a.dbf"),
     ("X-METADATA.XML", "X-SPECTRAL_IMAGE.TIF")],
)  # fmt: skip
def test_what_belongs_to_a_file_counts(tmp_path, scene, beside):
    (tmp_path / scene).write_text("numbers")
    (tmp_path / beside).write_text("what they mean")
    before = data_checksum([str(tmp_path / scene)])
    (tmp_path / "b.hdr").write_text("of another")
    (tmp_path / "a.yaml").write_text("a protocol")
    assert data_checksum([str(tmp_path / scene)]) == before
    (tmp_path / beside).write_text("what else they mean")
    assert data_checksum([str(tmp_path / scene)]) != before


def test_the_mask_beside_an_emit_granule_counts(tmp_path):
    granule = str(emit.write(tmp_path))
    without = data_checksum([granule])
    emit.write_mask(tmp_path, {"Cloud flag": [(0, 0)]})
    one = data_checksum([granule])
    emit.write_mask(tmp_path, {"Cloud flag": [(0, 1)]})
    assert len({without, one, data_checksum([granule])}) == 3


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


def test_a_path_without_quotation_marks_is_told_of(folder):
    (folder / "small.yaml").write_text(PROTOCOL.replace("scene: pixels.npz", "scene: {data}/pixels.npz"))
    with pytest.raises(ConfigError, match=r"paths with \{data\} in quotation marks"):
        read_protocol(str(folder / "small.yaml"), folder)


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
    same = replace(protocol, published=(replace(protocol.published[0], other_split=False),))
    assert same.on_maps(folder / "train.npy", folder / "test.npy").published[0].other_split
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
