"""Running, interrupting and going on."""

import json
from dataclasses import replace

import pytest

from spectralmamba.benchmarks import runner
from spectralmamba.benchmarks.estimate import estimate_seconds
from spectralmamba.benchmarks.reading import read_protocol
from spectralmamba.benchmarks.results import ResultFolder
from spectralmamba.benchmarks.runner import run_benchmark
from spectralmamba.benchmarks.summary import summarise
from spectralmamba.benchmarks.units import units_of
from spectralmamba.cli.main import run
from spectralmamba.errors import RunError


@pytest.fixture
def protocol(folder):
    return read_protocol(str(folder / "small.yaml"))


@pytest.fixture
def ran(monkeypatch):
    """The keys of the units that are run."""
    keys = []
    right = runner.run_unit
    monkeypatch.setattr(runner, "run_unit", lambda unit, out=None: keys.append(unit.key) or right(unit, out))
    return keys


def test_every_unit_runs_once_and_never_again(protocol, folder, ran):
    results = run_benchmark(protocol, folder / "out")
    assert [r.key for r in results] == ran == [u.key for u in units_of(protocol)]
    for result in results:
        assert result.n_test == result.matrix.total == 18
        assert result.n_train == 54
        assert result.parameters > 0
        assert result.train_seconds > 0
        assert result.pixels_per_second > 0
    again = run_benchmark(protocol, folder / "out")
    assert len(ran) == len(results)
    assert [r.to_json() for r in again] == [r.to_json() for r in results]


def test_an_interruption_costs_the_run_in_hand_at_most(protocol, folder, monkeypatch, ran):
    def stop(result, done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_benchmark(protocol, folder / "out", on_result=stop)
    assert len(ran) == 2
    progress = []
    run_benchmark(protocol, folder / "out", on_result=lambda r, done, total: progress.append((done, total)))
    assert len(ran) == len(set(ran)) == 6
    assert progress == [(3, 6), (4, 6), (5, 6), (6, 6)]


def test_the_same_seed_gives_the_same_matrix(protocol, folder):
    one = run_benchmark(protocol, folder / "one", seeds=[0])
    other = run_benchmark(protocol, folder / "other", seeds=[0])
    for a, b in zip(one, other, strict=True):
        assert a.matrix.to_json() == b.matrix.to_json()


def test_run_directories_are_kept_on_request(protocol, folder, ran):
    out = folder / "out"
    results = run_benchmark(protocol, out, seeds=[0])
    assert not (out / "runs").exists()
    run_benchmark(protocol, out, seeds=[0], keep_runs=True)
    assert len(ran) == 2 * len(results)  # they were not kept the first time
    for result in results:
        assert (ResultFolder(out).run_folder(result.key) / "model.json").is_file()
    run_benchmark(protocol, out, seeds=[0], keep_runs=True)
    assert len(ran) == 2 * len(results)


def test_an_entry_that_gets_another_label_keeps_its_results(protocol, folder, ran):
    one = protocol.only(["no scan"])
    run_benchmark(one, folder / "out")
    renamed = replace(one, models=(replace(one.models[0], label="without S6"),))
    again = run_benchmark(renamed, folder / "out")
    assert len(ran) == len(again) == 2
    assert {result.name for result in again} == {"without S6"}


def test_two_labels_of_one_configuration_run_once(protocol, folder, ran):
    one = protocol.only(["no scan"])
    twice = replace(one, models=(one.models[0], replace(one.models[0], label="the same")))
    results = run_benchmark(twice, folder / "out")
    assert len(ran) == len(set(ran)) == 2
    assert [r.name for r in results] == ["no scan", "no scan", "the same", "the same"]
    assert estimate_seconds(units_of(twice), ResultFolder(folder / "out")) == (0.0, [])


def test_what_another_process_has_in_hand_is_waited_for_and_not_run(protocol, folder, ran):
    one, results = protocol.only(["no scan"]), ResultFolder(folder / "out")
    first, second = (unit.key for unit in units_of(one))
    other = run_benchmark(one, folder / "elsewhere")
    ran.clear()
    results.make()
    claim = results.claimed(first, wait=False)
    assert claim.__enter__()

    def done_elsewhere(result, done, total):
        if result.key == second:
            results.keep(other[0])
            claim.__exit__(None, None, None)

    found = run_benchmark(one, folder / "out", on_result=done_elsewhere)
    assert ran == [second]
    assert [r.key for r in found] == [first, second]
    assert not list((folder / "out" / "results").glob("*.lock"))


def test_a_claim_holds_for_one_at_a_time_and_ends_with_it(folder):
    results = ResultFolder(folder)
    results.make()
    with results.claimed("a", wait=False) as mine, results.claimed("a", wait=False) as theirs:
        assert (mine, theirs) == (True, False)
        with results.claimed("b", wait=False) as other:
            assert other
    with pytest.raises(KeyboardInterrupt), results.claimed("a", wait=False):
        raise KeyboardInterrupt
    with results.claimed("a", wait=False) as again:
        assert again


def test_a_damaged_result_is_named(protocol, folder):
    (result, *_) = run_benchmark(protocol.only(["no scan"]), folder / "out")
    file = folder / "out" / "results" / f"{result.key}.json"
    file.write_text(file.read_text()[:-50])
    with pytest.raises(RunError, match=result.key):
        run_benchmark(protocol, folder / "out")


def test_the_estimate_covers_what_is_missing(protocol, folder):
    units = units_of(protocol)
    seconds, unknown = estimate_seconds(units, ResultFolder(folder / "out"))
    assert 0 < seconds < 600
    assert unknown == []
    run_benchmark(protocol, folder / "out")
    assert estimate_seconds(units, ResultFolder(folder / "out")) == (0.0, [])


def test_dask_gives_the_same_results(protocol, folder):
    distributed = pytest.importorskip("dask.distributed")
    here = run_benchmark(protocol, folder / "here", seeds=[0])
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        there = run_benchmark(protocol, folder / "there", seeds=[0], client=client)
    assert [r.key for r in there] == [r.key for r in here]
    assert [r.matrix.to_json() for r in there] == [r.matrix.to_json() for r in here]


def test_the_command_writes_tables_and_says_what_is_there(folder, capsys):
    arguments = ["benchmark", str(folder / "small.yaml"), "--out", str(folder / "out")]
    assert run([*arguments, "--dry-run"]) == 0
    said = capsys.readouterr().err
    assert "6 runs, 0 of them there already" in said
    assert "takes about" in said
    assert not (folder / "out" / "results").exists()
    assert run(arguments) == 0
    said = capsys.readouterr()
    assert "A small comparison" in said.out
    assert "91.88 (92.7), other split" in said.out
    assert "With fewer than 2 seeds: no scan." in said.out
    for name in ("table.csv", "table.md", "table.tex", "classes.csv", "runs.csv", "summary.json"):
        assert (folder / "out" / name).stat().st_size > 0
    assert len((folder / "out" / "runs.csv").read_text().splitlines()) == 7
    rows = json.loads((folder / "out" / "summary.json").read_text())["rows"]
    expected = summarise(read_protocol(str(folder / "small.yaml")), run_benchmark_again(folder)).rows[0]
    assert rows[0]["overall_accuracy"]["mean"] == expected.overall_accuracy.mean
    assert run([*arguments, "--dry-run"]) == 0
    assert "6 of them there already" in capsys.readouterr().err


def test_an_interruption_says_how_to_go_on(folder, capsys, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "run_unit", stop)
    assert run(["benchmark", str(folder / "small.yaml"), "--out", str(folder / "out")]) == 130
    assert "the same command goes on from there" in capsys.readouterr().err


def run_benchmark_again(folder):
    return run_benchmark(read_protocol(str(folder / "small.yaml")), folder / "out")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--models", "vit"], "no model 'vit'"),
        (["--scheduler", "tcp://127.0.0.1:9", "--workers", "2"], "contradict"),
        (["--out", "small.yaml/results"], "is a file"),
    ],
)
def test_bad_input_is_one_line(folder, more, message, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    assert run(["benchmark", "small.yaml", *more]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.strip().splitlines()) == 1


def test_the_shipped_protocols_are_listed(capsys):
    assert run(["benchmark", "--list"]) == 0
    assert "botswana-spectra-regions" in capsys.readouterr().out


def test_a_shipped_protocol_can_be_copied_changed_and_run(folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    assert run(["benchmark", "botswana-spectra-regions", "--show"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("# Botswana")
    for old, new in (
        ("{data}/botswana/labelled_pixels.npz", "{data}/pixels.npz"),
        ("seeds: [0, 1, 2, 3, 4]", "seeds: [1]\ntraining: {epochs: 1}\ntest_folds: [0]"),
        ("name: botswana-spectra-regions", "name: mine"),
    ):
        assert old in text
        text = text.replace(old, new)
    (folder / "mine.yaml").write_text(text)
    assert run(["benchmark", "mine.yaml", "--data", ".", "--models", "mlp", "--models", "casrnn"]) == 0
    assert "casrnn, pixelwise" in (folder / "benchmarks" / "mine" / "table.md").read_text()
