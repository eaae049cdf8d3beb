"""Every figure against scikit-learn, and what happens where a figure is undefined."""

import json

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from sklearn import metrics

from spectralmamba.metrics import ConfusionMatrix


@st.composite
def labellings(draw, min_size=1):
    """Number of classes, reference and predicted indices; some classes may be absent from either."""
    n_classes = draw(st.integers(1, 6))
    size = draw(st.integers(min_size, 40))
    index = st.integers(0, n_classes - 1)
    reference = draw(st.lists(index, min_size=size, max_size=size))
    predicted = draw(st.lists(index, min_size=size, max_size=size))
    return n_classes, np.array(reference, np.int64), np.array(predicted, np.int64)


def count(n_classes, reference, predicted):
    return ConfusionMatrix.from_indices(reference, predicted, names_of(n_classes))


def names_of(n_classes):
    return [f"class {i}" for i in range(n_classes)]


@pytest.mark.filterwarnings("ignore:A single label was found")
@given(labellings())
@settings(max_examples=60, deadline=None)
def test_counts_have_the_reference_in_rows(data):
    n, reference, predicted = data
    matrix = count(*data)
    expected = metrics.confusion_matrix(reference, predicted, labels=range(n))
    np.testing.assert_array_equal(matrix.counts, expected)
    np.testing.assert_array_equal(matrix.support, np.bincount(reference, minlength=n))
    assert matrix.total == len(reference)


@given(labellings())
@settings(max_examples=60, deadline=None)
def test_overall_accuracy_is_scikit_learns(data):
    _, reference, predicted = data
    assert count(*data).overall_accuracy == pytest.approx(metrics.accuracy_score(reference, predicted), rel=1e-12)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true", "ignore:A single label was found")
@given(labellings())
@settings(max_examples=60, deadline=None)
def test_average_accuracy_is_scikit_learns_balanced_accuracy(data):
    _, reference, predicted = data
    expected = metrics.balanced_accuracy_score(reference, predicted)
    assert count(*data).average_accuracy == pytest.approx(expected, rel=1e-12)


@given(labellings())
@settings(max_examples=60, deadline=None)
def test_kappa_is_scikit_learns(data):
    n, reference, predicted = data
    assume(len(np.union1d(reference, predicted)) > 1)  # where chance alone agrees fully, kappa is undefined
    expected = metrics.cohen_kappa_score(reference, predicted, labels=range(n))
    assert count(*data).kappa == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(labellings())
@example((3, np.array([0, 0, 1]), np.array([0, 1, 1])))  # class 2 occurs nowhere
@example((3, np.array([0, 0, 1]), np.array([0, 2, 1])))  # class 2 is only predicted
@example((3, np.array([0, 2, 1]), np.array([0, 0, 1])))  # class 2 is never predicted
@settings(max_examples=60, deadline=None)
def test_figures_of_each_class_are_scikit_learns(data):
    n, reference, predicted = data
    users, producers, f1, support = metrics.precision_recall_fscore_support(
        reference, predicted, labels=range(n), zero_division=np.nan
    )
    matrix = count(*data)
    np.testing.assert_allclose(matrix.users_accuracy, users, rtol=1e-12)
    np.testing.assert_allclose(matrix.producers_accuracy, producers, rtol=1e-12)
    np.testing.assert_allclose(matrix.f1, f1, rtol=1e-12)
    np.testing.assert_array_equal(matrix.support, support)
    macro = metrics.f1_score(reference, predicted, labels=np.unique(reference), average="macro")
    assert matrix.macro_f1 == pytest.approx(macro, rel=1e-12)


@given(labellings(min_size=2), st.integers(0, 40))
@settings(max_examples=40, deadline=None)
def test_matrices_of_parts_add_up_to_the_matrix_of_the_whole(data, cut):
    n, reference, predicted = data
    parts = count(n, reference[:cut], predicted[:cut]) + count(n, reference[cut:], predicted[cut:])
    np.testing.assert_array_equal(parts.counts, count(*data).counts)
    assert parts.names == tuple(names_of(n))


@given(labellings(min_size=0))
@settings(max_examples=40, deadline=None)
def test_json_says_everything_and_reads_back(data):
    matrix = count(*data)
    text = json.dumps(matrix.to_json(), allow_nan=False)
    again = ConfusionMatrix.from_json(json.loads(text))
    np.testing.assert_array_equal(again.counts, matrix.counts)
    assert again.names == matrix.names
    assert again.to_json() == matrix.to_json()


def test_json_names_axes_classes_and_figures():
    document = count(3, [0, 0, 1, 1], [0, 1, 1, 1]).to_json()
    assert document["confusion_matrix"] == {
        "rows": "reference",
        "columns": "predicted",
        "classes": ["class 0", "class 1", "class 2"],
        "counts": [[1, 1, 0], [0, 2, 0], [0, 0, 0]],
    }
    assert document["overall_accuracy"] == 0.75
    assert document["average_accuracy"] == 0.75
    assert document["kappa"] == 0.5
    assert document["n_pixels"] == 4
    assert document["absent_classes"] == ["class 2"]
    assert document["per_class"] == [
        {"name": "class 0", "n_reference": 2, "producers_accuracy": 0.5, "users_accuracy": 1.0, "f1": 2 / 3},
        {"name": "class 1", "n_reference": 2, "producers_accuracy": 1.0, "users_accuracy": 2 / 3, "f1": 0.8},
        {"name": "class 2", "n_reference": 0, "producers_accuracy": None, "users_accuracy": None, "f1": None},
    ]


def test_an_absent_class_is_named_and_left_out_of_the_averages():
    matrix = count(3, [0, 0, 1, 1], [0, 2, 1, 1])
    assert matrix.absent == ("class 2",)
    assert np.isnan(matrix.producers_accuracy[2])
    assert matrix.users_accuracy[2] == 0  # predicted once, wrongly
    assert matrix.f1[2] == 0
    assert matrix.average_accuracy == 0.75
    assert matrix.macro_f1 == pytest.approx((2 / 3 + 1) / 2)


def test_without_pixels_every_figure_is_undefined_and_none_warns():
    matrix = count(2, [], [])
    assert matrix.total == 0
    assert matrix.absent == ("class 0", "class 1")
    figures = (matrix.overall_accuracy, matrix.average_accuracy, matrix.kappa, matrix.macro_f1)
    assert np.isnan(figures).all()
    assert np.isnan(matrix.overall_accuracy_interval()).all()
    assert np.isnan([matrix.producers_accuracy, matrix.users_accuracy, matrix.f1]).all()
    assert matrix.to_json()["overall_accuracy_interval_95"] == [None, None]


def test_kappa_is_undefined_where_chance_agrees_fully():
    matrix = count(2, [1, 1, 1], [1, 1, 1])
    assert np.isnan(matrix.kappa)
    assert matrix.overall_accuracy == 1


def test_kappa_of_a_large_scene_does_not_overflow():
    counts = np.array([[3, 1], [1, 3]], np.int64) * 10**9
    assert ConfusionMatrix(counts, ("a", "b")).kappa == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_interval_of_overall_accuracy_is_wilsons(right, total, low, high):
    matrix = ConfusionMatrix(np.array([[right, total - right], [0, 0]]), ("a", "b"))
    assert matrix.overall_accuracy_interval() == pytest.approx((low, high), abs=5e-5)
    mirrored = ConfusionMatrix(np.array([[total - right, right], [0, 0]]), ("a", "b"))
    assert mirrored.overall_accuracy_interval() == pytest.approx((1 - high, 1 - low), abs=5e-5)


@given(labellings())
@settings(max_examples=40, deadline=None)
def test_interval_holds_the_accuracy_and_stays_within_0_and_1(data):
    matrix = count(*data)
    low, high = matrix.overall_accuracy_interval()
    assert 0 <= low <= matrix.overall_accuracy + 1e-12
    assert matrix.overall_accuracy - 1e-12 <= high <= 1
    assert high - low > 0


@pytest.mark.parametrize(
    ("reference", "predicted", "message"),
    [
        ([0, 1], [0], "2 reference labels but 1 predictions"),
        ([0, 2], [0, 1], r"0\.\.1"),
        ([0, 1], [0, 2], r"0\.\.1"),
        ([0, -1], [0, 1], r"0\.\.1"),
        ([0, 1], [-1, 1], r"0\.\.1"),
        ([0.0, 0.6], [0, 1], "whole numbers"),
        ([0, 1], [np.nan, 1], "whole numbers"),
    ],
)
def test_impossible_labels_are_refused(reference, predicted, message):
    with pytest.raises(ValueError, match=message):
        ConfusionMatrix.from_indices(np.array(reference), np.array(predicted), ["a", "b"])


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint64])
def test_any_integer_dtype_counts_alike(dtype):
    names = names_of(20)  # 19 · 20 + 19 overflows a byte
    matrix = ConfusionMatrix.from_indices(np.array([19, 3], dtype), np.array([19, 4], dtype), names)
    assert matrix.counts[19, 19] == 1
    assert matrix.counts[3, 4] == 1
    assert matrix.total == 2


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (np.zeros((2, 3), int), "expected"),
        (np.zeros((3, 3), int), r"\(3, 3\).*\(2, 2\)"),
        (np.array([[1, -1], [0, 0]]), "negative"),
        (np.array([[1.0, 0.5], [0, 0]]), "whole"),
    ],
)
def test_impossible_counts_are_refused(counts, message):
    with pytest.raises(ValueError, match=message):
        ConfusionMatrix(counts, ("a", "b"))


def test_matrices_of_other_classes_do_not_add():
    one, other = (ConfusionMatrix(np.eye(2, dtype=int), names) for names in (("a", "b"), ("b", "a")))
    with pytest.raises(ValueError, match="same classes"):
        one + other


def test_the_matrix_keeps_its_own_counts():
    counts = np.eye(2, dtype=np.int64)
    matrix = ConfusionMatrix(counts, ("a", "b"))
    counts[0, 1] = 9
    assert matrix.total == 2
