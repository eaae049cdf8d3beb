"""The scene is not a toy: a pixelwise forest finds it hard but not hopeless, most of all at borders."""

import numpy as np
import pytest
from scipy import ndimage
from sklearn.ensemble import RandomForestClassifier

MAY_SCORE = (0.75, 0.95)


def halve_regions(labels):
    """Deal every class's label regions out to training and test."""
    train = np.zeros(labels.shape, bool)
    for number in range(1, labels.max() + 1):
        found, count = ndimage.label(labels == number, np.ones((3, 3)))
        picked = np.random.default_rng(number).permutation(count)[: count // 2] + 1
        train |= np.isin(found, picked)
    return train, (labels > 0) & ~train


def local_mean(cube, valid):
    weight = ndimage.uniform_filter(valid.astype(np.float32), 3)
    sums = ndimage.uniform_filter(np.where(valid, cube, 0), (1, 3, 3))
    return np.where(valid, sums / np.maximum(weight, 1e-3), np.nan)


def classify(cube, labels, train, valid):
    pixels = cube.reshape(len(cube), -1).T
    forest = RandomForestClassifier(100, random_state=0, n_jobs=1).fit(pixels[train.ravel()], labels[train])
    predicted = np.zeros(labels.size, np.uint8)
    predicted[valid.ravel()] = forest.predict(pixels[valid.ravel()])
    return predicted.reshape(labels.shape)


@pytest.fixture(scope="module")
def forest(demo):
    scene, labels, truth = demo
    valid = np.isfinite(scene.values[0])
    cube = scene.values[np.nanstd(scene.values.reshape(len(scene), -1), axis=1) > 0]
    train, test = halve_regions(labels.values)
    pixelwise = classify(cube, labels.values, train, valid)
    merged = classify(local_mean(cube, valid), labels.values, train, valid)
    return pixelwise, merged, labels.values, truth.values, test, valid


def test_a_pixelwise_forest_scores_in_the_expected_range(forest):
    pixelwise, _, labels, _, test, _ = forest
    assert MAY_SCORE[0] < (pixelwise == labels)[test].mean() < MAY_SCORE[1]


def test_neighbours_help(forest):
    pixelwise, merged, labels, _, test, _ = forest
    assert (merged == labels)[test].mean() > (pixelwise == labels)[test].mean() + 0.02


def test_errors_are_denser_at_borders_than_inside(forest):
    pixelwise, _, _, truth, _, valid = forest
    border = ndimage.maximum_filter(truth, 3) != ndimage.minimum_filter(truth, 3)
    wrong = pixelwise != truth
    assert wrong[border & valid].mean() > 1.5 * wrong[~border & valid].mean()
