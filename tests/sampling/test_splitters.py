import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score

from spectralmamba import BlockKFold, RegionKFold, labelled_spectra
from spectralmamba.errors import LabelError, SceneError, SplitError
from tests.small import simulated

ROWS, COLUMNS = np.divmod(np.arange(900), 30)
POSITIONS = np.column_stack([ROWS, COLUMNS])
X = np.zeros((900, 2))
Y = (COLUMNS // 3) % 2
REGIONS = ROWS // 5 * 6 + COLUMNS // 5


def distance(positions, train, test):
    """Least Chebyshev distance between two sets of samples."""
    return np.abs(positions[train][:, None] - positions[test][None]).max(axis=-1).min()


@pytest.mark.parametrize(
    ("splitter", "groups", "whole"),
    [
        (RegionKFold(4), REGIONS, REGIONS),
        (BlockKFold(POSITIONS, 4, block_size=5), None, REGIONS),
        (BlockKFold(POSITIONS, 4, block_size=10), None, ROWS // 10 * 3 + COLUMNS // 10),
    ],
)
def test_every_sample_is_tested_once_and_groups_stay_whole(splitter, groups, whole):
    folds = list(splitter.split(X, Y, groups))
    assert len(folds) == splitter.get_n_splits() == 4
    np.testing.assert_array_equal(np.sort(np.concatenate([test for _, test in folds])), np.arange(900))
    for train, test in folds:
        assert len(train) + len(test) == 900
        assert not set(whole[train]) & set(whole[test])
        assert np.bincount(Y[test], minlength=2).min() > 50


@pytest.mark.parametrize("buffer", [1, 2, 4])
def test_training_keeps_its_distance(buffer):
    for splitter, groups in (
        (RegionKFold(3, positions=POSITIONS, buffer=buffer), REGIONS),
        (BlockKFold(POSITIONS, 3, block_size=10, buffer=buffer), None),
    ):
        for train, test in splitter.split(X, Y, groups):
            assert len(train)
            assert distance(POSITIONS, train, test) == buffer + 1


def test_samples_of_other_scenes_are_never_near():
    positions = np.vstack([POSITIONS, POSITIONS])
    scenes = np.repeat(["a", "b"], 900)
    splitter = BlockKFold(positions, 2, block_size=30, buffer=3)
    folds = list(splitter.split(np.zeros((1800, 1)), None, scenes))
    assert [sorted(set(scenes[test])) for _, test in folds] in ([["a"], ["b"]], [["b"], ["a"]])
    assert all(len(train) == 900 for train, _ in folds)


def test_as_many_groups_as_folds_give_each_fold_one():
    groups = np.repeat(np.arange(5), 180)
    for seed in range(10):
        sizes = [len(test) for _, test in RegionKFold(5, seed=seed).split(X, groups, groups)]
        assert sizes == [180] * 5


def test_the_seed_decides():
    def tests(seed):
        return [test.tolist() for _, test in RegionKFold(4, seed=seed).split(X, Y, REGIONS)]

    assert tests(0) == tests(0)
    assert tests(0) != tests(1)


def test_other_models_can_be_validated_with_them():
    found = labelled_spectra(*simulated())
    forest = RandomForestClassifier(5, random_state=0)
    scores = cross_val_score(forest, found.X, found.y, groups=found.regions, cv=RegionKFold(3))
    assert scores.shape == (3,)
    blocks = BlockKFold(found.positions, 3, block_size=8, buffer=2)
    search = GridSearchCV(forest, {"max_depth": [1, 5]}, cv=blocks).fit(found.X, found.y)
    assert search.best_params_["max_depth"] in (1, 5)


def test_labelled_spectra_are_those_of_the_scene():
    scene, labels = simulated()
    found = labelled_spectra(scene, labels)
    rows, columns = found.positions.T
    np.testing.assert_array_equal(found.X, scene.values[found.bands][:, rows, columns].T)
    np.testing.assert_array_equal(found.y, labels.values[rows, columns])
    assert np.isfinite(found.X).all()
    assert 21 not in found.bands  # marked bad
    for region in np.unique(found.regions):
        assert len(set(found.y[found.regions == region])) == 1
    with pytest.raises(LabelError, match="use labels on its grid"):
        labelled_spectra(scene, labels[:3])
    with pytest.raises(SceneError, match="no labelled pixel has data"):
        labelled_spectra(scene.copy(data=np.full(scene.shape, np.nan, np.float32)), labels)


@pytest.mark.parametrize(
    ("make", "groups", "message"),
    [
        (lambda: RegionKFold(1), REGIONS, "no cross-validation"),
        (lambda: RegionKFold(3, buffer=-1), REGIONS, "buffer of -1"),
        (lambda: RegionKFold(3, buffer=1), REGIONS, "give positions"),
        (lambda: RegionKFold(3), None, "pass groups="),
        (lambda: RegionKFold(3), REGIONS[:5], "one a sample"),
        (lambda: RegionKFold(40), REGIONS, "36 groups for 40 folds"),
        (lambda: BlockKFold(POSITIONS[:3]), None, "row and column of each"),
        (lambda: BlockKFold(POSITIONS, block_size=0), None, "at least 1"),
    ],
)
def test_what_cannot_be_divided(make, groups, message):
    with pytest.raises(SplitError, match=message):
        list(make().split(X, Y, groups))
