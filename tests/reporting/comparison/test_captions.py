"""What stands below every figure of a benchmark."""

from dataclasses import replace

from spectralmamba.benchmarks.protocol import DataSource
from spectralmamba.reporting.comparison.caption import caption, scene_name

from .made import benchmark, both_forms


def test_splits_that_differ_with_the_form_are_all_told():
    made = benchmark(both_forms())
    told = [replace(r, split=f"blocks for {r.form}") for r in made.results]
    text = " ".join(caption(replace(made, results=tuple(told))))
    assert "Split (first seed and fold, which depends on how far a model looks): " in text
    assert "blocks for pixelwise" in text
    assert "blocks for patchwise" in text
    assert "which depends" not in " ".join(caption(made))


def test_several_scenes_are_named_by_their_list():
    made = benchmark(both_forms()[:1])
    listed = replace(made, protocol=replace(made.protocol, data=DataSource(pairs="/data/lines.csv")))
    assert scene_name(listed) == "those of lines.csv"
