import csv
import io

import numpy as np
import pytest

from spectralmamba.errors import LabelError
from spectralmamba.labels import ClassTable
from spectralmamba.metrics import ConfusionMatrix
from spectralmamba.reporting import figure_confusion, figure_spectra, figure_training
from spectralmamba.reporting.confusion import percentage
from spectralmamba.reporting.spectra import _breaks, _mean_and_spread, move_apart
from spectralmamba.training.loop import EpochRecord

from .pictures import has_colour, history, read

TABLE = ClassTable.from_numbers([3, 500], ["crop", "water"])


@pytest.mark.parametrize("validated", [True, False])
def test_training_from_csv_and_from_records(tmp_path, validated):
    rows = list(csv.DictReader(io.StringIO(history(5, validated=validated))))
    figure_training(rows, tmp_path / "rows.png", 2)
    given = (0.5, 0.9) if validated else (None, None)
    records = [EpochRecord(i, 0.001, 1 / i, *given, 0.1) for i in range(1, 6)]
    figure_training(records, tmp_path / "records.png", 2)
    np.testing.assert_array_equal(read(tmp_path / "rows.png"), read(tmp_path / "records.png"))
    assert has_colour(read(tmp_path / "rows.png"), "#2b8a3e")


def test_training_of_one_epoch_without_a_best(tmp_path):
    figure_training([EpochRecord(1, 0.001, 1.0, None, None, 0.1)], tmp_path / "one.png", None)
    assert not has_colour(read(tmp_path / "one.png"), "#2b8a3e")


@pytest.mark.parametrize("n", [2, 5, 20, 45])
def test_confusion(tmp_path, n):
    counts = np.eye(n, dtype=np.int64) * 1000
    counts[0, 1], counts[-1, -1] = 1, 0
    figure_confusion(ConfusionMatrix(counts, tuple(f"a rather long name {i}" for i in range(n))), tmp_path / "c.png")
    height, width = read(tmp_path / "c.png").shape[:2]
    assert 300 < height < 3200
    assert 300 < width < 3200


def test_percentages_do_not_round_errors_away():
    written = [percentage(v) for v in (0.0, 0.04, 0.06, 50.0, 99.94, 99.96, 100.0)]
    assert written == ["", "<0.1", "0.1", "50.0", "99.9", ">99.9", "100"]
    assert [percentage(v, 0) for v in (0.2, 0.6, 99.2, 99.7)] == ["<1", "1", "99", ">99"]


def test_spectra(tmp_path):
    rng = np.random.default_rng(0)
    samples = {3: rng.random((20, 6)), 500: rng.random((1, 6)), 4: np.empty((0, 6))}
    samples[3][:, 2] = np.nan
    for i, wavelengths in enumerate([np.linspace(400, 900, 6), np.full(6, np.nan)]):
        figure_spectra(samples, wavelengths, TABLE, tmp_path / f"{i}.png", bands=np.array([0, 1, 2, 5, 8, 9]))
        assert all(has_colour(read(tmp_path / f"{i}.png"), colour) for colour in TABLE.colours)
    figure_spectra({}, np.full(6, np.nan), TABLE, tmp_path / "none.png")
    with pytest.raises(LabelError, match="no class 9"):
        figure_spectra({9: rng.random((2, 6))}, np.full(6, np.nan), TABLE, tmp_path / "other.png")


def test_mean_and_spread_pass_over_what_is_missing():
    mean, std = _mean_and_spread(np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan]]))
    np.testing.assert_array_equal(mean, [2, 5, np.nan])
    np.testing.assert_array_equal(std, [1, 0, np.nan])


def test_lines_break_where_bands_were_dropped():
    even = np.arange(400.0, 600.0, 10.0)
    assert _breaks(even, None).size == 0
    np.testing.assert_array_equal(_breaks(np.delete(even, 7), None), [7])  # a single band
    np.testing.assert_array_equal(_breaks(np.append(even, even[-3:] + 1), None), [20])  # a second detector
    np.testing.assert_array_equal(_breaks(even[:4], np.array([0, 1, 3, 4])), [2])
    sensor = np.concatenate([np.arange(400, 900, 6.5), np.arange(905, 1300, 12.0)])  # one detector finer than the other
    assert _breaks(sensor, None).size <= 1
    assert _breaks(even[:1], None).size == 0


@pytest.mark.parametrize("seed", range(5))
def test_names_are_moved_apart(seed):
    wanted = np.sort(np.random.default_rng(seed).random(12) ** 3)
    placed = move_apart(wanted, 0.06)
    assert (np.diff(placed) >= 0.06 - 1e-9).all()
    assert placed.min() >= -1e-9
    assert placed.max() <= 1
    np.testing.assert_allclose(move_apart(np.array([0.2, 0.5, 0.8]), 0.06), [0.2, 0.5, 0.8])
    np.testing.assert_allclose(move_apart(np.array([0.5, 0.5]), 0.1), [0.45, 0.55])
