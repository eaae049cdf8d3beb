"""What runs on a GPU, here on a CPU: the same code on tensors of another device. On a machine with a GPU, there too."""

import numpy as np
import pytest
import torch

from spectralmamba.errors import BackendError
from spectralmamba.mapping.tiles import iterate_tiles
from spectralmamba.models import model_names
from spectralmamba.models.inference import cuda_fronts
from spectralmamba.models.inference.cuda import DeviceEvaluation, device_of
from spectralmamba.models.inference.cuda_fronts import MergingFront, PatchFront, box_sums, front_of
from spectralmamba.sampling.windows import read_window
from tests.models.helpers import create_or_skip, fitted_to_noise, make_predictor, random_model, same_bits
from tests.models.scenes import assert_equal_to, logits_by_oracle, random_scene

SMALL = {"n_bands": 5, "n_classes": 3, "piece_size": 2, "dim": 6, "state_size": 2}
DEFAULT = {"n_bands": 145, "n_classes": 15}
DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")),
]


@pytest.fixture
def blocks_of(monkeypatch):
    def set_size(size):
        for place, name in ((cuda_fronts, "BLOCK"), (cuda_fronts, "LEAST"), (MergingFront, "block")):
            monkeypatch.setattr(place, name, size)

    return set_size


@pytest.fixture(autouse=True)
def small_blocks(blocks_of):
    """Seams everywhere, and little to fill up on a CPU."""
    blocks_of(16)


def evaluation_of(predictor, device="cpu", **options):
    return DeviceEvaluation(predictor.model.to(device), predictor.standardiser, **options)


def read(predictor, scene, tile=None):
    rows, columns = (0, scene.shape[1]), (0, scene.shape[2])
    if tile is not None:
        rows, columns = (tile.top, tile.bottom), (tile.left, tile.right)
    return read_window(scene, rows, columns, predictor.radius, predictor.bands)


def compare_everywhere(predictor, shape, device="cpu", missing=0.3, seed=1):
    scene, cube = random_scene(predictor, shape, seed, missing)
    expected = logits_by_oracle(predictor, cube)
    assert_equal_to(expected, evaluation_of(predictor, device, strip_pixels=40)(read(predictor, scene)))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("patch_size", [1, 3, 7])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 5), (3, 3), (9, 2), (7, 8)])
@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_every_pixel_of_small_scenes_by_the_oracle(shape, patch_size, missing, device):
    compare_everywhere(make_predictor(random_model(**SMALL, patch_size=patch_size)), shape, device, missing)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    "options",
    [
        {"centre": 0.0},
        {"centre": 1.0, "whitening": "none"},
        {"border": "zero"},
        {"gssm": False, "depth": 2},
        {"layout": "parallel", "s6": False, "pooling": "mean"},
        {"position": "none", "patch_size": 5},
    ],
    ids=str,
)
def test_every_choice_by_the_oracle(options, device):
    compare_everywhere(make_predictor(random_model(**SMALL | options), n_extra_bands=2, floor=1 / 16), (5, 6), device)


def test_a_single_band_by_the_oracle():
    """Whose rows of pixels lie in memory as those of many bands do once they are turned."""
    compare_everywhere(make_predictor(random_model(**SMALL | {"n_bands": 1, "piece_size": 1}), floor=1 / 16), (9, 6))


@pytest.mark.parametrize("n_bands", [1, 5])
def test_what_was_uploaded_is_left_as_it_was(n_bands):
    predictor = make_predictor(random_model(**SMALL | {"n_bands": n_bands, "piece_size": 1}))
    evaluation = evaluation_of(predictor)
    handle = evaluation.upload(np.random.default_rng(0).uniform(0, 1, (n_bands, 5, 5)).astype(np.float32))
    assert same_bits(evaluation(handle), evaluation(handle))


@pytest.mark.triton
@pytest.mark.skipif(torch.cuda.is_available(), reason="the other tests run the kernels on the GPU here")
@pytest.mark.parametrize("half", [None, "bfloat16", "float16"])
def test_with_the_scan_of_a_gpu_in_its_interpreter(half):
    model = random_model(**SMALL)
    predictor = make_predictor(model)
    window = np.random.default_rng(0).uniform(0, 1, (5, 7, 8)).astype(np.float32)
    expected = evaluation_of(predictor, half=half)(window)
    for block in model.blocks:
        block.scan.backend = "gpu"
    found = evaluation_of(predictor, half=half)(window)
    assert np.abs(found - expected).max() < (1e-4 if half is None else 0.1)


@pytest.mark.parametrize("device", DEVICES)
def test_the_default_model_by_the_path_of_a_cpu(device):
    predictor = make_predictor(random_model(**DEFAULT), floor=1 / 64)
    scene, _ = random_scene(predictor, (40, 30), seed=3, missing=0.1)
    window = read(predictor, scene)
    expected = predictor.logits(window)
    assert_equal_to(expected, evaluation_of(predictor, device, strip_pixels=500)(window))


@pytest.mark.parametrize("name", sorted(set(model_names()) - {"spectralmamba"}))
def test_other_models_give_what_they_give_patch_by_patch(name):
    model = fitted_to_noise(create_or_skip(name, n_bands=9, n_classes=3, patch_size=3).eval())
    predictor = make_predictor(model)
    assert isinstance(front_of(model), PatchFront)
    scene, _ = random_scene(predictor, (6, 5), seed=2, missing=0.2)
    window = read(predictor, scene)
    assert_equal_to(predictor.logits(window), evaluation_of(predictor)(window))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("options", [DEFAULT, SMALL, SMALL | {"border": "zero"}], ids=["default", "small", "patches"])
def test_logits_are_the_same_bits_for_any_tiles(options, device, blocks_of, threads):
    """Of a CPU's library it is known from 256 rows on, not of 16; of a GPU's nobody promises it."""
    threads(1)
    blocks_of(256 if device == "cpu" else 1 << 14)
    predictor = make_predictor(random_model(**options))
    scene, _ = random_scene(predictor, (21, 34), seed=7, missing=0.1)
    evaluation = evaluation_of(predictor, device)
    whole = evaluation(read(predictor, scene))
    for size, strip_pixels in [(8, 1 << 17), (13, 100), (34, 150)]:
        found, evaluation = np.empty_like(whole), evaluation_of(predictor, device, strip_pixels=strip_pixels)
        for tile in iterate_tiles(21, 34, size):
            found[(slice(None), *tile.window)] = evaluation(read(predictor, scene, tile))
        assert same_bits(found, whole), (size, strip_pixels)


@pytest.mark.parametrize("missing", [np.nan, np.inf, -np.inf, np.finfo(np.float32).min])
@pytest.mark.parametrize("border", ["halo", "zero"])
def test_a_value_that_cannot_be_used_makes_its_pixel_invalid_and_spoils_no_neighbour(missing, border):
    predictor = make_predictor(random_model(**SMALL, border=border))
    window = np.random.default_rng(0).uniform(0, 1, (5, 9, 9)).astype(np.float32)
    window[3, 4, 4] = missing
    before = window.copy()
    found = evaluation_of(predictor)(window)
    assert np.array_equal(window, before, equal_nan=True)
    assert np.isnan(found).any(axis=0).sum() == 1
    window[:, 4, 4] = np.nan
    assert np.array_equal(found, evaluation_of(predictor)(window), equal_nan=True)


@pytest.mark.parametrize("patch_size", [1, 3])
def test_windows_without_a_valid_pixel_or_without_any(patch_size):
    predictor = make_predictor(random_model(**SMALL, patch_size=patch_size))
    r, evaluation = predictor.radius, evaluation_of(predictor)
    logits = evaluation(np.full((5, 4 + 2 * r, 6 + 2 * r), np.nan, np.float32))
    assert logits.shape == (3, 4, 6)
    assert np.isnan(logits).all()
    assert evaluation(np.zeros((5, 2 * r, 6 + 2 * r), np.float32)).shape == (3, 0, 6)
    assert evaluation(np.zeros((5, 3 + 2 * r, 2 * r), np.float32)).shape == (3, 3, 0)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_box_sums(size):
    values = torch.randn(7, 9, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = values.unfold(0, size, 1).unfold(1, size, 1).sum(dim=(-1, -2))
    torch.testing.assert_close(box_sums(values, size), expected)


def test_blocks_of_large_patches_are_smaller(monkeypatch):
    monkeypatch.setattr(cuda_fronts, "BLOCK", 1 << 14)
    model = random_model(n_bands=200, n_classes=3, patch_size=15, border="zero", dim=4)
    assert PatchFront(model).block * 200 * 15**2 <= cuda_fronts.PATCH_VALUES
    assert PatchFront(random_model(**SMALL, patch_size=1)).block == 1 << 14


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("half", ["bfloat16", "float16"])
def test_half_precision_changes_little_and_something(half, device):
    predictor = make_predictor(random_model(**DEFAULT))
    scene, _ = random_scene(predictor, (12, 13), seed=4, missing=0.1)
    window = read(predictor, scene)
    exact, found = (evaluation_of(predictor, device, half=h)(window) for h in (None, half))
    assert np.array_equal(np.isnan(found), np.isnan(exact))
    spread = np.nanstd(exact)
    assert 1e-5 * spread < np.nanmax(np.abs(found - exact)) < 0.3 * spread


def test_what_is_too_large_for_float16_is_computed_in_float32():
    predictor = make_predictor(random_model(**SMALL))
    with torch.no_grad():
        predictor.model.head.classifier.bias[0] = 1e6
    window = np.random.default_rng(0).uniform(0, 1, (5, 8, 8)).astype(np.float32)
    exact, found = (evaluation_of(predictor, half=h)(window) for h in (None, "float16"))
    assert same_bits(found, exact)


def test_memory_that_does_not_suffice_is_one_line():
    class Full:
        def send(self, window):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    predictor = make_predictor(random_model(**SMALL))
    with pytest.raises(BackendError, match="smaller --tile"):
        evaluation_of(predictor, transfer=Full())(np.zeros((5, 9, 9), np.float32))


def test_a_model_without_tensors_is_on_the_cpu():
    assert device_of(random_model("svm", n_bands=3, n_classes=2)) == torch.device("cpu")
