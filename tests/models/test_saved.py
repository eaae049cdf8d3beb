"""A trained model on disk: the same to the last bit when read back, and one line where it cannot be."""

import json
import pickle

import numpy as np
import pytest
import torch

from spectralmamba.errors import RunError
from spectralmamba.labels import ClassTable
from spectralmamba.models import model_names
from spectralmamba.models.predictor import ModelPredictor
from spectralmamba.models.saved import DESCRIPTION, WEIGHTS, load_predictor, pick_device, save_predictor

from .helpers import create_or_skip, make_predictor, random_model, same_bits

CLASSES = ClassTable(((3, "maïs", "#ffcc00"), (7, "forest, mixed", "#00aa00"), (250, "water", "#0000ff")))
OPTIONS = {"n_bands": 7, "n_classes": 3, "piece_size": 2, "dim": 5, "state_size": 2}


@pytest.fixture
def predictor():
    made = make_predictor(random_model(**OPTIONS), n_extra_bands=2)
    wavelengths = made.scene_wavelengths.copy()
    wavelengths[3] = np.nan
    return ModelPredictor(made.model, made.standardiser, made.bands, wavelengths, CLASSES, temperature=1.37)


@pytest.fixture
def run(tmp_path, predictor):
    """A folder with a saved model."""
    save_predictor(predictor, "spectralmamba", tmp_path)
    return tmp_path


def random_window(predictor, seed=0):
    side = 2 * predictor.radius
    shape = (predictor.model.config.n_bands, 4 + side, 5 + side)
    window = np.random.default_rng(seed).uniform(0, 0.8, shape).astype(np.float32)
    window[:, side, side] = np.nan
    return window


@pytest.mark.parametrize("patch_size", [1, 3])
@pytest.mark.parametrize("name", model_names())
def test_every_registered_model_comes_back_to_the_last_bit(name, patch_size, tmp_path):
    options = {"n_bands": 11, "n_classes": 4, "patch_size": patch_size}
    create_or_skip(name, **options)
    saved = make_predictor(random_model(name, **options))
    save_predictor(saved, name, tmp_path)
    loaded = load_predictor(tmp_path)
    window = random_window(saved)
    assert same_bits(loaded.logits(window), saved.logits(window))
    assert loaded.radius == saved.radius
    assert loaded.model.config == saved.model.config
    assert not loaded.model.training


def test_all_that_goes_with_the_weights_comes_back(run, predictor):
    loaded = load_predictor(run)
    assert loaded.temperature == 1.37
    assert loaded.classes == CLASSES
    assert same_bits(loaded.bands, predictor.bands)
    assert same_bits(loaded.scene_wavelengths, predictor.scene_wavelengths)
    assert same_bits(loaded.standardiser.mean, predictor.standardiser.mean)
    assert same_bits(loaded.standardiser.std, predictor.standardiser.std)
    window = random_window(predictor)
    assert same_bits(loaded.logits(window), predictor.logits(window))


def test_a_wavelength_position_comes_back(tmp_path):
    wavelengths = (412.3, 550.1, 672.9, 864.05, 1610.7, 2201.3, 2350.0)
    model = random_model(**OPTIONS, position="wavelength", wavelengths=wavelengths)
    saved = make_predictor(model)
    save_predictor(saved, "spectralmamba", tmp_path)
    loaded = load_predictor(tmp_path)
    assert loaded.model.config.wavelengths == wavelengths
    assert same_bits(loaded.logits(random_window(saved)), saved.logits(random_window(saved)))


def test_two_files_are_written_and_neither_holds_a_pickle(run, predictor, monkeypatch):
    assert sorted(path.name for path in run.iterdir()) == sorted([WEIGHTS, DESCRIPTION])

    def refuse(*_args, **_kwargs):
        pytest.fail("a pickle was read or written")

    for module, function in [(pickle, "load"), (pickle, "loads"), (pickle, "Unpickler"), (torch, "load")]:
        monkeypatch.setattr(module, function, refuse)
    for module, function in [(pickle, "dump"), (pickle, "dumps"), (pickle, "Pickler"), (torch, "save")]:
        monkeypatch.setattr(module, function, refuse)
    save_predictor(predictor, "spectralmamba", run)
    load_predictor(run)


def test_the_description_says_what_a_reader_needs(tmp_path, predictor):
    save_predictor(predictor, "spectralmamba", tmp_path, extra={"recipe": "regions"})
    document = json.loads((tmp_path / DESCRIPTION).read_text(encoding="utf-8"))
    assert document["format"] == 1
    assert document["model"]["name"] == "spectralmamba"
    assert document["model"]["options"]["piece_size"] == 2
    assert document["radius"] == 2
    assert document["bands"]["n_scene_bands"] == 9
    assert document["bands"]["wavelength_nm"][3] is None
    assert document["recipe"] == "regions"
    assert set(document["software"]) == {"python", "spectralmamba", "torch", "numpy"}


def damaged_description(change):
    def damage(run):
        document = json.loads((run / DESCRIPTION).read_text(encoding="utf-8"))
        change(document)
        (run / DESCRIPTION).write_text(json.dumps(document), encoding="utf-8")

    return damage


def set_in(*keys, value):
    def change(document):
        for key in keys[:-1]:
            document = document[key]
        document[keys[-1]] = value

    return damaged_description(change)


def without(*keys):
    def change(document):
        for key in keys[:-1]:
            document = document[key]
        del document[keys[-1]]

    return damaged_description(change)


DAMAGES = {
    "no weights": lambda run: (run / WEIGHTS).unlink(),
    "empty weights": lambda run: (run / WEIGHTS).write_bytes(b""),
    "cut weights": lambda run: (run / WEIGHTS).write_bytes((run / WEIGHTS).read_bytes()[:-40]),
    "foreign weights": lambda run: (run / WEIGHTS).write_bytes(pickle.dumps({"a": 1})),
    "empty description": lambda run: (run / DESCRIPTION).write_text(""),
    "cut description": lambda run: (run / DESCRIPTION).write_text((run / DESCRIPTION).read_text()[:200]),
    "bytes for a description": lambda run: (run / DESCRIPTION).write_bytes(b"\xff\xfe\x00"),
    "a list for a description": lambda run: (run / DESCRIPTION).write_text("[1, 2]"),
    "no model": without("model"),
    "no options": without("model", "options"),
    "no standardisation": without("standardisation", "std"),
    "no bands": without("bands", "kept"),
    "no classes": without("classes"),
    "no temperature": without("calibration", "temperature"),
    "unknown model": set_in("model", "name", value="oracle-9000"),
    "unknown option": set_in("model", "options", "depht", value=2),
    "impossible option": set_in("model", "options", "dim", value=0),
    "another width": set_in("model", "options", "dim", value=6),
    "another depth": set_in("model", "options", "depth", value=2),
    "options as a list": set_in("model", "options", value=[1]),
    "a class without colour": set_in("classes", 0, value={"number": 3, "name": "x"}),
    "a class too few": without("classes", 0),
    "a mean too few": without("standardisation", "mean", 0),
    "a spread too few": without("standardisation", "std", 0),
    "a spread of zero": set_in("standardisation", "std", 0, value=0.0),
    "a mean of null": set_in("standardisation", "mean", 0, value=None),
    "a mean that is text": set_in("standardisation", "mean", 0, value="low"),
    "a band too few": without("bands", "kept", 0),
    "a band beyond the scene": set_in("bands", "kept", 6, value=9),
    "a band below the scene": set_in("bands", "kept", 0, value=-1),
    "temperature that is text": set_in("calibration", "temperature", value="warm"),
    "temperature of zero": set_in("calibration", "temperature", value=0.0),
    "temperature of null": set_in("calibration", "temperature", value=None),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_model_is_an_error_of_one_line_that_names_the_folder(damage, run):
    damage(run)
    with pytest.raises(RunError, match="damaged model") as refusal:
        load_predictor(run)
    assert str(run) in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(("folder", "match"), [("", "holds no trained model"), ("nowhere", "there is no folder")])
def test_a_folder_without_a_model_says_so(folder, match, tmp_path):
    with pytest.raises(RunError, match=match) as refusal:
        load_predictor(tmp_path / folder)
    assert "\n" not in str(refusal.value)


def test_a_model_of_another_format_says_which(run):
    set_in("format", value=99)(run)
    with pytest.raises(RunError, match=r"format 99.*reads 1"):
        load_predictor(run)


@pytest.mark.parametrize("name", ["quantum", "cuda:99", "", "cpu:x"])
def test_a_device_that_is_not_there_is_refused_by_name(name):
    with pytest.raises(RunError, match=f"no device {name!r}"):
        pick_device(name)


def test_auto_and_cpu_are_always_there():
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device("auto").type in {"cpu", "cuda"}
