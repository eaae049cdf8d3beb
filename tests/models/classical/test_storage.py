"""Estimators in files: the same bits when read back, and one line where a file is not what this package wrote."""

import io
import json
import pickle
import warnings
import zipfile

import numpy as np
import pytest
import skops.io
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC

from spectralmamba.errors import RunError
from spectralmamba.models import create_model
from spectralmamba.models.saved import DESCRIPTION, ESTIMATOR, WEIGHTS, load_predictor, save_predictor
from tests.models.helpers import make_predictor, random_model, same_bits

from .test_models import NAMES, fitted

both = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(params=NAMES)
def saved(request, tmp_path):
    """Name, model, samples and folder of a trained model on disk."""
    model, x, _ = fitted(request.param, classes=(0, 2), patch_size=3)
    save_predictor(make_predictor(model), request.param, tmp_path)
    return request.param, model, x, tmp_path


def test_logits_come_back_to_the_last_bit(saved):
    _, model, x, folder = saved
    loaded = load_predictor(folder).model
    assert same_bits(loaded(torch.from_numpy(x)).numpy(), model(torch.from_numpy(x)).numpy())
    assert loaded.config == model.config
    assert sorted(path.name for path in folder.iterdir()) == [DESCRIPTION, ESTIMATOR]


def test_no_pickle_is_read_or_written(saved, monkeypatch, tmp_path):
    name, model, _, folder = saved

    def refuse(*_args, **_kwargs):
        pytest.fail("a pickle was read or written")

    for function in ("load", "loads", "Unpickler", "dump", "dumps", "Pickler"):
        monkeypatch.setattr(pickle, function, refuse)
    save_predictor(make_predictor(model), name, folder)
    load_predictor(folder)


def test_the_versions_that_matter_are_kept(saved):
    software = json.loads((saved[3] / DESCRIPTION).read_text())["software"]
    assert set(software) == {"python", "spectralmamba", "torch", "numpy", "scikit-learn", "skops"}


def test_one_kind_of_model_replaces_the_other(saved):
    name, model, _, folder = saved
    network = random_model(n_bands=6, n_classes=3)
    save_predictor(make_predictor(network), "spectralmamba", folder)
    assert sorted(path.name for path in folder.iterdir()) == [DESCRIPTION, WEIGHTS]
    save_predictor(make_predictor(model), name, folder)
    assert sorted(path.name for path in folder.iterdir()) == [DESCRIPTION, ESTIMATOR]


@both
def test_an_untrained_model_is_not_saved(name, tmp_path):
    with pytest.raises(RunError, match="not been trained"):
        save_predictor(make_predictor(create_model(name, n_bands=6, n_classes=3)), name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def refused(folder, match):
    with pytest.raises(RunError, match=match) as refusal:
        load_predictor(folder)
    assert str(folder) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def rewritten(folder, change):
    """Change the schema of the saved estimator as one who tampers with it would."""
    with zipfile.ZipFile(folder / ESTIMATOR) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(content["schema.json"])
    change(schema, content)
    content["schema.json"] = json.dumps(schema).encode()
    with zipfile.ZipFile(folder / ESTIMATOR, "w") as archive:
        for name, text in content.items():
            archive.writestr(name, text)


def test_a_type_that_is_not_trusted_is_named_and_nothing_of_it_runs(saved, tmp_path):
    folder = saved[3]

    def call_the_shell(schema, content):
        schema["content"]["content"]["kernel"] = {
            "__class__": "function", "__module__": "os", "__loader__": "FunctionNode", "__id__": 1, "content": "system",
        }  # fmt: skip

    rewritten(folder, call_the_shell)
    refused(folder, "not trusted.*os")


def test_a_pipeline_with_a_function_is_refused(saved):
    pipeline = make_pipeline(FunctionTransformer(np.linalg.norm), SVC())
    (saved[3] / ESTIMATOR).write_bytes(skops.io.dumps(pipeline))
    refused(saved[3], "not trusted")


def other_estimators():
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(40, 12)), np.arange(40) % 2
    return {
        "another kind": LogisticRegression().fit(x, y),
        "a linear kernel": SVC(kernel="linear").fit(x, y),
        "other features, a machine": SVC().fit(x[:, :5], y),
        "other features, a forest": RandomForestClassifier(3).fit(x[:, :5], y),
        "classes beyond the model's, a machine": SVC().fit(x, 2 * y + 1),
        "classes beyond the model's, a forest": RandomForestClassifier(3).fit(x, 2 * y + 1),
        "classes that are text": SVC().fit(x, np.array(["a", "b"])[y]),
        "unfitted, a machine": SVC(),
        "unfitted, a forest": RandomForestClassifier(3),
        "no estimator": {"a": 1},
    }


OTHERS = other_estimators()


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_another_estimator_is_refused(other, saved):
    (saved[3] / ESTIMATOR).write_bytes(skops.io.dumps(other))
    refused(saved[3], "damaged model")


DAMAGES = {
    "none": lambda file: file.unlink(),
    "empty": lambda file: file.write_bytes(b""),
    "cut": lambda file: file.write_bytes(file.read_bytes()[:-60]),
    "no archive": lambda file: file.write_bytes(pickle.dumps({"a": 1})),
    "a byte changed": lambda file: file.write_bytes(changed_byte(file.read_bytes())),
    "an empty archive": lambda file: zipfile.ZipFile(file, "w").close(),
}


def changed_byte(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = max(archive.infolist(), key=lambda info: info.compress_size)
    place = info.header_offset + 80 + info.compress_size // 2
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_one_line(damage, saved):
    damage(saved[3] / ESTIMATOR)
    refused(saved[3], "damaged model")


def array_of(state, content):
    return np.load(io.BytesIO(content[state["file"]]), allow_pickle=False)


def put_array(state, content, values):
    buffer = io.BytesIO()
    np.save(buffer, values)
    content[state["file"]] = buffer.getvalue()


@pytest.mark.parametrize(
    ("field", "value"), [("left_child", 10**6), ("right_child", 0), ("left_child", -5), ("feature", 12)]
)
def test_a_tree_that_would_read_outside_its_memory_is_refused(field, value, tmp_path):
    model, _, _ = fitted("randomforest", patch_size=3)
    save_predictor(make_predictor(model), "randomforest", tmp_path)

    def lead_astray(schema, content):
        first = schema["content"]["content"]["estimators_"]["content"][0]
        nodes = first["content"]["content"]["tree_"]["content"]["content"]["nodes"]
        values = array_of(nodes, content).copy()
        values[field][0] = value
        put_array(nodes, content, values)

    rewritten(tmp_path, lead_astray)
    refused(tmp_path, "damaged model")


@pytest.mark.parametrize("name", ["support_vectors_", "_dual_coef_", "_intercept_", "_n_support"])
def test_a_machine_with_parts_of_other_sizes_is_refused(name, tmp_path):
    model, _, _ = fitted("svm", patch_size=3)
    save_predictor(make_predictor(model), "svm", tmp_path)

    def shorten(schema, content):
        state = schema["content"]["content"][name]
        put_array(state, content, array_of(state, content)[:-1])

    rewritten(tmp_path, shorten)
    refused(tmp_path, name)


def of_version(folder, version):
    document = json.loads((folder / DESCRIPTION).read_text())
    document["software"]["scikit-learn"] = version
    (folder / DESCRIPTION).write_text(json.dumps(document))


def test_where_another_version_cannot_be_read_both_are_named(saved):
    of_version(saved[3], "0.99.1")
    (saved[3] / ESTIMATOR).write_bytes(b"of another form")
    refused(saved[3], r"made with scikit-learn 0\.99\.1 and cannot be read with .*install scikit-learn 0\.99\.1")


def test_where_another_version_can_be_read_the_log_says_so_once(saved, caplog):
    _, model, x, folder = saved

    def older(schema, content):
        for state in estimator_states(schema):
            state["_sklearn_version"]["content"] = '"0.99.1"'

    rewritten(folder, older)
    with warnings.catch_warnings():
        warnings.simplefilter("error", InconsistentVersionWarning)
        loaded = load_predictor(folder).model
    assert same_bits(loaded(torch.from_numpy(x)).numpy(), model(torch.from_numpy(x)).numpy())
    assert len(caplog.records) == 1
    assert "0.99.1" in caplog.text


def estimator_states(schema):
    if isinstance(schema, dict):
        if "_sklearn_version" in schema:
            yield schema
        for value in schema.values():
            yield from estimator_states(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from estimator_states(value)
