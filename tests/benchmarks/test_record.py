"""The protocol beside its results, and both read back."""

import json

import pytest

from spectralmamba.benchmarks import runner
from spectralmamba.benchmarks.reading import read_protocol
from spectralmamba.benchmarks.record import read_benchmark
from spectralmamba.benchmarks.runner import run_benchmark
from spectralmamba.benchmarks.summary import summarise, to_json
from spectralmamba.errors import ConfigError, RunError


@pytest.fixture
def protocol(folder, monkeypatch):
    monkeypatch.setattr(runner, "SPEED_SECONDS", 0.0)
    return read_protocol(str(folder / "small.yaml"))


def test_what_was_run_is_read_back(protocol, folder):
    results = run_benchmark(protocol, folder / "out")
    made = read_benchmark(folder / "out")
    assert made.protocol == protocol
    assert [r.to_json() for r in made.results] == [r.to_json() for r in results]
    assert {result.n_bands for result in made.results} == {12}
    assert to_json(made.summary) == to_json(summarise(protocol, results))
    assert [(entry.options["dim"], row.name) for entry, row in made.pairs] == [
        (8, "spectralmamba, pixelwise"),
        (8, "no scan"),
    ]


def test_it_tells_the_seeds_and_models_of_the_last_command(protocol, folder):
    run_benchmark(protocol, folder / "out", seeds=[1])
    made = read_benchmark(folder / "out")
    assert made.protocol.seeds == (1,)
    assert {result.seed for result in made.results} == {1}
    run_benchmark(protocol.only(["no scan"]), folder / "out")
    assert {result.name for result in read_benchmark(folder / "out").results} == {"no scan"}


def test_models_are_chosen(protocol, folder):
    run_benchmark(protocol, folder / "out", seeds=[0])
    made = read_benchmark(folder / "out")
    assert {r.name for r in made.only(["no scan"]).results} == {"no scan"}
    assert len(made.only(["spectralmamba"]).results) == len(made.results)
    assert made.with_rows(["no scan", "spectralmamba"]).results == made.only(["no scan"]).results
    with pytest.raises(ConfigError, match="no model 'vit'"):
        made.only(["vit"])


def test_results_without_bands_are_still_read(protocol, folder):
    (first, *_) = run_benchmark(protocol, folder / "out", seeds=[0])
    file = folder / "out" / "results" / f"{first.key}.json"
    document = json.loads(file.read_text())
    del document["n_bands"]
    file.write_text(json.dumps(document))
    assert read_benchmark(folder / "out").results[0].n_bands is None


def test_an_unfinished_benchmark(protocol, folder):
    def stop(result, done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_benchmark(protocol, folder / "out", on_result=stop)
    with pytest.raises(RunError, match=r"unfinished benchmark \(1 of 6 runs\)"):
        read_benchmark(folder / "out")


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", '{"protocol": {"name": "a"}, "runs": []}', '{"protocol": 3, "runs": []}', "\xff"]
)
def test_a_damaged_record(folder, content):
    (folder / "protocol.json").write_text(content, encoding="latin-1")
    with pytest.raises(RunError, match=r"protocol\.json cannot be read"):
        read_benchmark(folder)


def test_folders_that_hold_none(folder):
    with pytest.raises(RunError, match="name one that 'benchmark' wrote"):
        read_benchmark(folder / "nowhere")
    (folder / "results").mkdir()
    with pytest.raises(RunError, match="run it again there"):
        read_benchmark(folder)
