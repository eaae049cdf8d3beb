"""Statistics and tables."""

import csv
import io
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from spectralmamba.benchmarks.protocol import DataSource, ModelEntry, Protocol, Published
from spectralmamba.benchmarks.results import Result
from spectralmamba.benchmarks.statistics import Spread, corrected_t_test
from spectralmamba.benchmarks.summary import pooled, summarise
from spectralmamba.benchmarks.tables import (
    as_csv,
    as_latex,
    as_markdown,
    class_table,
    in_columns,
    main_table,
    plain_table,
    remarks,
)
from spectralmamba.metrics import ConfusionMatrix

NAMES = ("water", "bare_soil & rock")


def result(name, seed, fold, counts, **changes):
    values = {
        "key": f"{name}{seed}{fold}", "name": name, "form": "pixelwise", "seed": seed, "fold": fold,
        "matrix": ConfusionMatrix(np.array(counts), NAMES), "n_train": 300, "n_test": int(np.sum(counts)),
        "parameters": 1234, "macs": 56789, "train_seconds": 2.0, "pixels_per_second": 1e5, "split": "folds",
    }  # fmt: skip
    return Result(**(values | changes))


@pytest.fixture
def protocol():
    return Protocol(
        "p",
        DataSource(scene="a", labels="b"),
        (ModelEntry("a"), ModelEntry("b", label="other | one")),
        title="50 % of it",
        published=(Published("a, patchwise", "a paper", 97.66, 98.06),),
    )


@pytest.fixture
def results():
    counts = {
        ("a, patchwise", 0): ([[9, 1], [0, 10]], [[10, 0], [0, 0]]),
        ("a, patchwise", 1): ([[8, 2], [1, 9]], [[10, 0], [0, 0]]),
        ("other | one", 0): ([[5, 5], [0, 10]], [[9, 1], [0, 0]]),
        ("other | one", 1): ([[6, 4], [2, 8]], [[9, 1], [0, 0]]),
    }
    return [result(name, seed, fold, m) for (name, seed), pair in counts.items() for fold, m in enumerate(pair)]


def test_folds_are_pooled_and_seeds_averaged(protocol, results):
    row, other = summarise(protocol, results).rows
    assert row.overall_accuracy == Spread.of([100 * 29 / 30, 100 * 27 / 30])
    assert row.overall_accuracy.std == pytest.approx(np.std([2900 / 30, 2700 / 30], ddof=1))
    # The second class is absent from the second fold; pooled, it counts.
    assert row.average_accuracy.mean == pytest.approx(100 * np.mean([(19 / 20 + 1) / 2, (18 / 20 + 9 / 10) / 2]))
    assert row.per_class[NAMES[0]].mean == pytest.approx(100 * np.mean([19 / 20, 18 / 20]))
    assert other.published is None
    assert pooled(results[:2])[0].counts.tolist() == [[19, 1], [0, 10]]


def test_the_best_two_are_compared_over_their_common_divisions(protocol, results):
    summary = summarise(protocol, results)
    assert summary.best == ("a, patchwise", "other | one")
    assert summary.comparison.pairs == 4
    assert summary.comparison.difference > 0
    assert summarise(protocol, results[:-1]).comparison.pairs == 3
    assert summarise(protocol, results[:4]).comparison is None


def test_the_corrected_test_widens_the_variance_as_published():
    differences = [1.0, 2.0, 0.5, 1.5, 3.0]
    found = corrected_t_test(differences, 1 / 9)
    t = np.mean(differences) / np.sqrt((1 / 5 + 1 / 9) * np.var(differences, ddof=1))
    assert found.t == pytest.approx(t)
    assert found.p == pytest.approx(2 * stats.t.sf(t, 4))
    plain = stats.ttest_1samp(differences, 0)
    assert found.p > plain.pvalue
    assert corrected_t_test(differences, 0.0).t == pytest.approx(plain.statistic)
    assert corrected_t_test([-d for d in differences], 1 / 9).t == pytest.approx(-t)


def test_the_test_says_nothing_where_there_is_nothing_to_say():
    assert math.isnan(corrected_t_test([1.0], 0.3).p)
    assert math.isnan(corrected_t_test([], 0.3).difference)
    assert corrected_t_test([0.0, 0.0], 0.3).p == 1
    assert corrected_t_test([1.0, 1.0], 0.3).p == 0


def test_one_value_has_no_spread():
    assert math.isnan(Spread.of([3.0]).std)
    assert Spread.of([1.0, math.nan, 2.0]).n == 2
    assert Spread.of([]).n == 0


def test_csv_markdown_and_latex_hold_the_same_cells(protocol, results):
    summary = summarise(protocol, results)
    for table in (main_table(summary), class_table(summary)):
        assert list(csv.reader(io.StringIO(as_csv(table)))) == table
        markdown = as_markdown(table).splitlines()
        assert len(markdown) == len(table) + 1
        assert all(line.replace("\\|", "").count("|") == len(table[0]) + 1 for line in markdown)
        latex = as_latex(table, summary.title)
        assert latex.count(r"\\") == len(table)
        assert r"\caption{50 \% of it}" in latex
    assert r"bare\_soil \& rock" in as_latex(class_table(summary), "x")
    assert "97.66 (98.06), other split" in main_table(summary)[1]


def test_remarks_tell_seeds_split_test_and_sources(protocol, results):
    text = " ".join(remarks(summarise(protocol, results[:-2])))
    assert "With fewer than 2 seeds: other | one." in text
    assert "Split (first seed and fold): folds." in text
    assert "Nadeau & Bengio" in text
    assert "a paper" in text


def test_too_few_divisions_for_a_test_are_said(protocol, results):
    first = [r for r in results if (r.seed, r.fold) == (0, 0)]
    text = " ".join(remarks(summarise(protocol, first)))
    assert "a, patchwise and other | one have one division in common" in text
    assert "nan" not in text


def test_a_small_probability_is_not_written_as_zero(protocol, results):
    same = [replace(r, seed=seed) for r in results if r.seed == 0 and r.fold == 0 for seed in range(9)]
    assert "p < 0.001" in " ".join(remarks(summarise(protocol, same)))


def test_latex_escapes_what_it_would_take_for_commands(protocol, results):
    latex = as_latex([["a_b", "c"], ["{x}~^<|>", "−1 × 2"]], r"50 % & \x #1 $", ["a_note & more"])
    assert r"a\_b" in latex
    assert r"\{x\}\textasciitilde{}\textasciicircum{}\textless{}\textbar{}\textgreater{}" in latex
    assert r"$-$1 $\times$ 2" in latex
    assert r"50 \% \& \textbackslash{}x \#1 \$" in latex
    assert r"\footnotesize a\_note \& more" in latex


@pytest.mark.parametrize("width", [20, 60, 80, 180])
def test_a_wide_table_is_divided_into_columns_that_fit(width):
    table = [["class", *(f"model {i}, pixelwise" for i in range(16))], ["bare soil", *["83.0 ± 1.2"] * 16]]
    parts = in_columns(table, width)
    assert [cell for part in parts for cell in part[0][1:]] == table[0][1:]
    assert all(len(row) == len(part[0]) and row[0] in ("class", "bare soil") for part in parts for row in part)
    assert all(9 + 4 + 18 * (len(part[0]) - 1) <= width or len(part[0]) == 2 for part in parts)


def test_models_that_look_further_have_their_own_split_in_the_remarks(protocol, results):
    both = [replace(r, split="blocks, buffer 2") if r.name == "a, patchwise" else r for r in results]
    text = " ".join(remarks(summarise(protocol, both)))
    assert "Split for a, patchwise (first seed and fold): blocks, buffer 2." in text
    assert "Split for other | one (first seed and fold): folds." in text


def test_the_csv_is_for_programs(protocol, results):
    head, first, second = plain_table(summarise(protocol, results))
    found = dict(zip(head, first, strict=True))
    assert (found["parameters"], found["MACs"], found["pixels/s"]) == ("1234", "56789", "100000")
    assert found["published OA % (AA)"] == "97.66 (98.06), other split"
    assert found["source"] == "a paper"
    assert dict(zip(head, second, strict=True))["source"] == ""
