"""Files that are not what was published."""

import numpy as np
import pytest

from spectralmamba.scenes.datasets.verify import NotAsPublished, verify_structure

from . import tiny


@pytest.fixture
def verified(tmp_path):
    """Verify a scene and labels as the tiny data set."""

    def run(scene: bytes = tiny.SCENE_MAT, labels: bytes = tiny.LABELS_MAT, **options) -> None:
        (tmp_path / "Tiny.mat").write_bytes(scene)
        (tmp_path / "Tiny_gt.mat").write_bytes(labels)
        entry = tiny.open_entry(None, None, **options)
        verify_structure(entry, {file.name: tmp_path / file.name for file in entry.files})

    return run


def relabelled(row: int, column: int, number: int) -> bytes:
    labels = tiny.LABELS.copy()
    labels[row, column] = number
    return tiny.mat(Tiny_gt=labels)


def test_what_was_published_passes(verified):
    verified()


def test_floating_labels_pass(verified):
    verified(labels=tiny.mat(Tiny_gt=tiny.LABELS.astype(np.float32)))


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        (tiny.mat(Tiny=tiny.cube(bands=9)), "9 bands"),
        (tiny.mat(Tiny=tiny.cube().transpose(1, 0, 2)), "5 × 6 pixels"),
        (tiny.mat(Tiny=tiny.cube() / 10_000.0), "fractions"),
        (tiny.mat(Tiny=np.full_like(tiny.cube(), 7)), "two different"),
        (tiny.mat(Tiny=np.full(tiny.cube().shape, np.nan)), "two different"),
        (tiny.mat(Other=tiny.cube()), "no .* called 'Tiny'"),
        (tiny.SCENE_MAT[:200], "damaged"),
        (b"<html></html>", "not a scene"),
    ],
)
def test_another_scene(verified, tmp_path, scene, words):
    with pytest.raises(NotAsPublished, match=words) as caught:
        verified(scene=scene)
    assert caught.value.path == tmp_path / "Tiny.mat"


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (relabelled(0, 0, 0), r"2 pixels of class 1 \(Water\) but 3"),
        (relabelled(0, 0, 4), r"2 pixels of class 1"),
        (relabelled(5, 0, 9), "1 pixels of class 9 but 0"),
        (tiny.mat(Tiny_gt=tiny.LABELS[1:]), "5 × 5"),
        (tiny.mat(Tiny_gt=tiny.LABELS * 0.5), "not a class number"),
        (tiny.mat(other=tiny.LABELS), "Tiny_gt"),
    ],
)
def test_other_labels(verified, tmp_path, labels, words):
    with pytest.raises(NotAsPublished, match=words) as caught:
        verified(labels=labels)
    assert caught.value.path == tmp_path / "Tiny_gt.mat"


def test_missing_values_are_no_fault(verified):
    values = tiny.cube().astype(np.float64)
    values[0, 0] = np.nan
    verified(scene=tiny.mat(Tiny=values))
