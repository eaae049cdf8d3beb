"""Radar, accuracy against MACs, bars of classes: models against one another."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

from spectralmamba.benchmarks.protocol import ModelEntry, Published
from spectralmamba.errors import OutputError, RunError
from spectralmamba.metrics import ConfusionMatrix
from spectralmamba.models.published import published_costs
from spectralmamba.reporting.comparison import figure_accuracy_macs, figure_classes, figure_radar
from spectralmamba.reporting.comparison.looks import COLOURS
from spectralmamba.reporting.comparison.points import measured_points, published_points
from spectralmamba.reporting.comparison.radar import scales_of, vertices
from tests.reporting.pictures import has_colour, read

from .made import ALL, benchmark, both_forms, matrix, outside, overlapping, texts

PUBLISHED = (
    Published("spectralmamba, patchwise", "a paper", 97.66),
    Published("casrnn, patchwise", "a paper", 97.19, other_split=False),
    Published("spectralformer, pixelwise", "a paper", 90.0),  # whose MACs are not published
    Published("vit, patchwise", "another paper", 99.0),
)
KINDS = {"radar": figure_radar, "accuracy-macs": figure_accuracy_macs, "classes": figure_classes}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("models", "classes"), [(1, 6), (3, 14), (16, 22)])
def test_nothing_overlaps_and_every_model_is_drawn(kind, models, classes, drawn, tmp_path):
    made = benchmark(both_forms()[:models], published=PUBLISHED, classes=classes)
    KINDS[kind]([made], tmp_path / "f.png")
    assert overlapping(drawn[0]) == []
    assert outside(drawn[0]) == []
    picture = read(tmp_path / "f.png")
    if kind == "radar":
        assert all(has_colour(picture, COLOURS[name]) for name in ALL[:models])


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_says_what_it_shows(kind, drawn, tmp_path):
    entries = [ModelEntry("spectralmamba"), ModelEntry("cnn", seeds=(1,))]
    KINDS[kind]([benchmark(entries, seeds=(0, 1, 2))], tmp_path / "f.png")
    said = " ".join(t.get_text() for t in texts(drawn[0]))
    for part in ("A made scene", "Scene: made.", "folds with no buffer", "Seeds 0–2, test fold 0", "1 seed only: CNN"):
        assert part in said


@pytest.mark.parametrize(("suffix", "begins"), [("pdf", b"%PDF"), ("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_formats_go_by_the_suffix(suffix, begins, tmp_path):
    figure_radar([benchmark([ModelEntry("cnn")])], tmp_path / f"f.{suffix}")
    assert (tmp_path / f"f.{suffix}").read_bytes().startswith(begins)


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        figure_radar([benchmark([ModelEntry("cnn")])], tmp_path / "file" / "f.png")


def test_outward_is_better_on_every_axis():
    rows = benchmark(both_forms()).summary.rows
    scales = scales_of(rows)
    for row in rows:
        assert all(0.25 - 1e-9 <= distance <= 1 + 1e-9 for distance in vertices(row, scales))
    one, other = rows[0], replace(rows[0], parameters=2 * rows[0].parameters, macs=3 * rows[0].macs)
    assert vertices(one, scales)[0] == vertices(other, scales)[0]
    assert all(a > b for a, b in zip(vertices(one, scales)[1:], vertices(other, scales)[1:], strict=True))
    best = max(rows, key=lambda row: row.overall_accuracy.mean)
    assert vertices(best, scales)[0] == max(vertices(row, scales)[0] for row in rows)
    for scale in scales:  # a tick stands where a model of its value would
        assert [scale.place(value) for value in scale.rings] == pytest.approx([0.25, 0.5, 0.75, 1.0])


def test_costs_that_span_many_powers_of_ten_stay_inside():
    (row,) = benchmark([ModelEntry("cnn")]).summary.rows
    rows = [replace(row, parameters=3, macs=1), replace(row, parameters=10**9, macs=10**12)]
    for each in rows:
        assert all(0.25 - 1e-9 <= distance <= 1 + 1e-9 for distance in vertices(each, scales_of(rows)))


def test_each_form_has_its_radar(drawn, tmp_path):
    figure_radar([benchmark(both_forms(("cnn", "mlp")))], tmp_path / "f.png")
    said = [t.get_text() for t in texts(drawn[0])]
    assert {"Patchwise", "Pixelwise"} <= set(said)
    assert said.count("OA (%)") == said.count("MACs") / 2 == 2  # axis titles, and heads of the legends
    polygons = [line for axes in drawn[0].axes for line in axes.lines if len(line.get_xdata()) == 4]
    assert [to_hex(line.get_color()) for line in polygons] == 2 * [COLOURS["cnn"], COLOURS["mlp"]]


@pytest.mark.parametrize("kind", ["radar", "accuracy-macs"])
def test_models_without_macs_are_named_and_not_drawn(kind, drawn, tmp_path):
    made = benchmark([ModelEntry("cnn"), ModelEntry("randomforest")])
    results = tuple(replace(r, macs=0) if r.name.startswith("random") else r for r in made.results)
    KINDS[kind]([replace(made, results=results)], tmp_path / "f.png")
    said = " ".join(t.get_text() for t in texts(drawn[0]))
    assert "not drawn: Random forest, patchwise" in said
    with pytest.raises(RunError, match="needs one at least"):
        KINDS[kind]([replace(made, results=tuple(replace(r, macs=0) for r in made.results))], tmp_path / "g.png")
    assert not (tmp_path / "g.png").exists()


def test_points_stand_at_their_macs_and_accuracy_and_published_ones_are_hollow(drawn, tmp_path):
    made = benchmark([ModelEntry("spectralmamba"), ModelEntry("cnn")], published=PUBLISHED, classes=14)
    measured, published = measured_points(made), published_points(made)
    assert [(p.label, p.macs, p.accuracy) for p in measured] == [
        (title, row.macs, row.overall_accuracy.mean)
        for title, row in zip(("SpectralMamba", "CNN"), made.summary.rows, strict=True)
    ]
    costs = published_costs("casrnn", 145, 14, 3)
    assert [p.label for p in published] == ["SpectralMamba, published", "CasRNN, published"]
    assert (published[1].macs, published[1].parameters, published[1].accuracy) == (costs.macs, costs.parameters, 97.19)
    figure_accuracy_macs([made], tmp_path / "f.png")
    marks = [c for c in drawn[0].axes[0].collections if isinstance(c, PathCollection)]
    where = {tuple(mark.get_offsets()[0]): mark for mark in marks}
    assert set(where) == {(p.macs, p.accuracy) for p in (*measured, *published)}
    assert [len(where[p.macs, p.accuracy].get_facecolor()) for p in (*measured, *published)] == [1, 1, 0, 0]
    sizes = [where[p.macs, p.accuracy].get_sizes()[0] / p.parameters for p in (*measured, *published)]
    assert sizes == pytest.approx([sizes[0]] * 4)  # all are circles
    said = " ".join(t.get_text() for t in texts(drawn[0]))
    assert "Hollow: as published in a paper, on another split." in said


@pytest.mark.parametrize(("bands", "classes"), [(144, 14), (145, 15), (None, 14)])
def test_published_sizes_are_of_their_own_bands_and_classes(bands, classes):
    made = benchmark([ModelEntry("spectralmamba")], published=PUBLISHED, classes=classes, n_bands=bands)
    assert published_points(made) == []


def test_bars_are_as_high_as_the_accuracies(drawn, tmp_path):
    made = benchmark(both_forms(("cnn", "mlp"))[:2], classes=6)
    figure_classes([made], tmp_path / "f.png")
    axes = next(axes for axes in drawn[0].axes if len(axes.patches) == 12)
    heights = [bar.get_height() for bar in axes.patches]
    assert heights == [spread.mean for row in made.summary.rows for spread in row.per_class.values()]
    assert [to_hex(bar.get_facecolor()) for bar in axes.patches[::6]] == [COLOURS["cnn"], COLOURS["mlp"]]
    assert [label.get_text() for label in axes.get_xticklabels()] == [f"class {i}" for i in range(1, 7)]
    whiskers = [segment for c in axes.collections for segment in c.get_segments()]
    assert len(whiskers) == 12
    spread = made.summary.rows[0].per_class["class 1"]
    np.testing.assert_allclose(whiskers[0][:, 1], [spread.mean - spread.std, spread.mean + spread.std])


def test_a_class_without_test_pixels_has_a_dash_and_no_bar(drawn, tmp_path):
    made = benchmark([ModelEntry("cnn")])
    results = tuple(replace(r, matrix=matrix(0.9, 6, absent=2)) for r in made.results)
    figure_classes([replace(made, results=results)], tmp_path / "f.png")
    axes = next(axes for axes in drawn[0].axes if len(axes.patches) == 6 and axes.axison)
    assert [bar.get_height() == 0 for bar in axes.patches] == [False, False, True, False, False, False]
    assert [t.get_text() for t in axes.texts] == ["–"]


def test_long_names_are_slanted_and_many_classes_go_on_below(drawn, tmp_path):
    made = benchmark(both_forms(), classes=22)
    names = tuple(f"Buildings, grass, trees, drives and others {i}" for i in range(22))
    results = tuple(replace(r, matrix=ConfusionMatrix(r.matrix.counts, names)) for r in made.results)
    figure_classes([replace(made, results=results)], tmp_path / "f.png")
    strips = [axes for axes in drawn[0].axes if axes.axison]
    assert len(strips) == 4  # two of each form
    assert {label.get_rotation() for axes in strips for label in axes.get_xticklabels()} == {45}
    assert [axes.get_title(loc="left") for axes in strips] == ["Patchwise", "", "Pixelwise", ""]
    assert outside(drawn[0]) == []


def test_several_benchmarks_stand_below_one_another(drawn, tmp_path):
    made = benchmark(both_forms(("cnn",)))
    for kind in KINDS.values():
        kind([made], tmp_path / "one.png")
        kind([made, made], tmp_path / "two.png")
        one, two = drawn[-2:]
        assert two.get_figheight() > 1.8 * one.get_figheight() - 0.5
        assert overlapping(two) == []
