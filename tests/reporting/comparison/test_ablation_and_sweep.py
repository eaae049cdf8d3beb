"""The parts of SpectralMamba on and off, and R in both layouts."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from spectralmamba.benchmarks.protocol import ModelEntry, Published
from spectralmamba.benchmarks.reading import read_protocol
from spectralmamba.errors import OutputError, RunError
from spectralmamba.reporting.comparison import ablation_table, figure_ablation, figure_sweep
from spectralmamba.reporting.comparison.ablation import ablation_of, write_ablation_table
from spectralmamba.reporting.comparison.sweep import LAYOUTS, series_of
from spectralmamba.reporting.comparison.variants import variants_of
from tests.reporting.pictures import has_colour, read

from .made import benchmark, outside, overlapping, texts


def entry(label: str, patch_size: int = 3, **options) -> ModelEntry:
    return ModelEntry("spectralmamba", label=label, patch_size=patch_size, options=options)


@pytest.fixture
def shipped():
    """The shipped protocols, with made results."""

    def made(name):
        protocol = read_protocol(name)
        return benchmark(list(protocol.models), published=protocol.published)

    return made


def rows_of(table):
    return {row[0]: row[1:4] for row in table[1:]}


def test_the_ablation_of_the_paper(shipped, drawn, tmp_path):
    made = shipped("houston2013-ablation")
    table = ablation_table([made])
    on, off = "✓", "–"
    assert rows_of(table) == {
        "base": [off, off, off],
        "GSSM": [on, off, off],
        "PSS": [off, on, off],
        "S6": [off, off, on],
        "GSSM + PSS": [on, on, off],
        "GSSM + S6": [on, off, on],
        "PSS + S6": [off, on, on],
        "GSSM + PSS + S6": [on, on, on],
    }
    assert list(rows_of(table)) == [
        "base",
        "GSSM",
        "PSS",
        "S6",
        "GSSM + PSS",
        "GSSM + S6",
        "PSS + S6",
        "GSSM + PSS + S6",
    ]
    assert table[0][2] == "PSS (R = 6)"
    assert table[1][-1] == "84.62"
    row = next(row for row in made.summary.rows if row.name == "base")
    assert table[1][4] == f"{row.overall_accuracy.mean:.2f} ± {row.overall_accuracy.std:.2f}"
    assert table[1][7:9] == [f"{row.parameters:,}", f"{row.macs:,}"]
    figure_ablation([made], tmp_path / "f.png")
    assert overlapping(drawn[0]) == []
    assert outside(drawn[0]) == []
    said = [t.get_text() for t in texts(drawn[0])]
    assert said.count(on) == 12
    assert all(cell in said for cell in table[1][4:])
    assert has_colour(read(tmp_path / "f.png"), "#1f5fa8")


def test_the_best_of_each_column_is_bold(drawn, tmp_path):
    made = benchmark([entry("full"), entry("no S6", s6=False)])
    figure_ablation([made], tmp_path / "f.png")
    bold = {t.get_text() for t in texts(drawn[0]) if t.get_fontweight() == "bold"}
    row = made.summary.rows[0]  # accuracies fall from entry to entry
    assert f"{row.overall_accuracy.mean:.2f} ± {row.overall_accuracy.std:.2f}" in bold
    assert f"{min(r.parameters for r in made.summary.rows):,}" in bold
    assert f"{max(r.parameters for r in made.summary.rows):,}" not in bold


def test_only_entries_that_differ_in_the_parts_alone_are_compared():
    entries = [
        entry("full"),
        entry("R = 2", piece_size=2),
        entry("parallel", layout="parallel"),
        entry("wide", dim=40),
        entry("no S6", s6=False),
        entry("wide, no S6", dim=40, s6=False),
        entry("said twice", s6=False),
        entry("default written out", gssm=True, s6=True, dim=20, piece_size=1),
        replace(entry("long", gssm=False), training={"epochs": 900}),
        entry("no GSSM", gssm=False),
        entry("pixelwise", patch_size=1),
        ModelEntry("mamba"),
    ]
    chosen = [variant.entry.name for variant in ablation_of(variants_of(benchmark(entries)))]
    assert sorted(chosen) == sorted(["full", "no S6", "default written out", "no GSSM", "pixelwise"])


def test_tables_as_markdown_and_csv(tmp_path):
    made = benchmark([entry("full"), entry("no S6", s6=False)])
    write_ablation_table([made], tmp_path / "new" / "a.md")
    write_ablation_table([made, made], tmp_path / "a.csv")
    assert (
        (tmp_path / "new" / "a.md").read_text(encoding="utf-8").startswith("| model | GSSM | PSS (R = 6) | S6 | OA % |")
    )
    rows = list(csv.reader((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0][:5] == ["benchmark", "model", "GSSM", "PSS (R = 6)", "S6"]
    assert [row[:5] for row in rows[1:3]] == [
        ["A made scene", "no S6", "✓", "✓", "–"],
        ["A made scene", "full", "✓", "✓", "✓"],
    ]
    assert len(rows) == 5
    with pytest.raises(OutputError, match=r"\.md or \.csv"):
        write_ablation_table([made], tmp_path / "a.txt")


def test_several_tables_have_one_head(tmp_path):
    one = benchmark([entry("full"), entry("no S6", s6=False)], published=(Published("full", "a paper", 90.0),))
    other = benchmark([entry("full", piece_size=4), entry("no S6", s6=False, piece_size=4)])
    table = ablation_table([one, other])
    assert len({len(row) for row in table}) == 1
    assert table[0][3] == "PSS"
    assert [row[-1] for row in table] == ["published OA %", "–", "90.00, other split", "–", "–"]


@pytest.mark.parametrize("entries", [[entry("full")], [ModelEntry("cnn")], [entry("a", dim=8), entry("b", s6=False)]])
def test_no_ablation(entries, tmp_path):
    with pytest.raises(RunError, match="has no ablation"):
        figure_ablation([benchmark(entries)], tmp_path / "f.png")
    assert list(tmp_path.iterdir()) == []


def test_the_sweep_of_the_paper(shipped, drawn, tmp_path):
    made = shipped("houston2013-sweep")
    lines = series_of(variants_of(made))
    assert [(line.layout, line.kind, line.sizes) for line in lines] == [
        ("adjacent", "", [2, 4, 6, 8]),
        ("parallel", "", [2, 4, 6, 8]),
    ]
    figure_sweep([made], tmp_path / "f.png")
    assert overlapping(drawn[0]) == []
    assert outside(drawn[0]) == []
    accuracy, parameters, macs = (axes for axes in drawn[0].axes if axes.axison)
    rows = {row.name: row for row in made.summary.rows}
    for axes, read_row in (
        (accuracy, lambda row: row.overall_accuracy.mean),
        (parameters, lambda row: row.parameters),
        (macs, lambda row: row.macs),
    ):
        for line, layout in zip(axes.lines, LAYOUTS, strict=True):
            np.testing.assert_array_equal(line.get_xdata(), [2, 4, 6, 8])
            np.testing.assert_allclose(line.get_ydata(), [read_row(rows[f"{layout}, R = {r}"]) for r in (2, 4, 6, 8)])
    band = accuracy.collections[0].get_paths()[0].vertices
    row = rows["adjacent, R = 2"]
    assert band[:, 1].max() >= row.overall_accuracy.mean + row.overall_accuracy.std - 1e-9
    assert all(has_colour(read(tmp_path / "f.png"), colour) for colour, _ in LAYOUTS.values())


def test_equal_costs_are_both_seen(drawn, tmp_path):
    made = benchmark([entry(f"{layout} {r}", layout=layout, piece_size=r) for layout in LAYOUTS for r in (2, 4)])
    made = replace(made, results=tuple(replace(r, parameters=int(r.name[-1])) for r in made.results))
    figure_sweep([made], tmp_path / "f.png")
    _, parameters, macs = (axes for axes in drawn[0].axes if axes.axison)
    widths = [line.get_linewidth() for line in parameters.lines]
    assert widths[1] > 2 * widths[0]
    assert len({line.get_linewidth() for line in macs.lines}) == 1
    assert "their lines lie on one another" in " ".join(t.get_text() for t in texts(drawn[0]))


def test_lines_hold_what_is_alike_and_pss_off_belongs_to_both_layouts():
    entries = [
        entry("off", piece_size=1),
        *(entry(f"{layout} {r}", layout=layout, piece_size=r) for layout in LAYOUTS for r in (2, 6)),
        *(entry(f"pixelwise {r}", 1, piece_size=r) for r in (2, 6)),
        entry("alone", dim=40),
    ]
    lines = series_of(variants_of(benchmark(entries)))
    assert [(line.layout, line.kind, line.sizes) for line in lines] == [
        ("adjacent", "patchwise", [1, 2, 6]),
        ("parallel", "patchwise", [1, 2, 6]),
        ("adjacent", "pixelwise", [2, 6]),
    ]


def test_one_seed_has_no_band(drawn, tmp_path):
    figure_sweep([benchmark([entry("2", piece_size=2), entry("4", piece_size=4)], seeds=(0,))], tmp_path / "f.png")
    assert not drawn[0].axes[0].collections
    assert "one seed, so no spread" in " ".join(t.get_text() for t in texts(drawn[0]))


@pytest.mark.parametrize("entries", [[entry("full")], [entry("off", piece_size=1), entry("on")], [ModelEntry("cnn")]])
def test_no_sweep(entries, tmp_path):
    with pytest.raises(RunError, match="has no sweep"):
        figure_sweep([benchmark(entries)], tmp_path / "f.png")
