"""Running a protocol: what is there already is taken, the rest is run here or on a Dask cluster."""

import logging
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from spectralmamba.benchmarks.protocol import Protocol
from spectralmamba.benchmarks.record import write_record
from spectralmamba.benchmarks.results import Result, ResultFolder
from spectralmamba.benchmarks.units import Unit, units_of
from spectralmamba.evaluation.run_metrics import evaluate_run
from spectralmamba.models.costs import count_costs
from spectralmamba.models.predictor import ModelPredictor, sample_logits
from spectralmamba.training import train
from spectralmamba.training.inputs import open_inputs
from spectralmamba.training.prepare import Prepared

logger = logging.getLogger(__name__)

SPEED_SECONDS = 0.5  # time spent on measuring how fast a trained model classifies

OnResult = Callable[[Result, int, int], None]
"""Called with a result, how many are there, and how many there will be."""


def run_benchmark(
    protocol: Protocol,
    out: Path,
    *,
    seeds: Sequence[int] | None = None,
    keep_runs: bool = False,
    client: Any = None,  # noqa: ANN401 - dask.distributed is an extra
    on_result: OnResult | None = None,
) -> list[Result]:
    """Run what a protocol asks for and has not run yet.

    Parameters
    ----------
    protocol : Protocol
    out : Path
        Folder of the results, made where it is missing. A result in it is known by configuration and content of the
        data, and not computed again.
    seeds : sequence of int, optional
        In place of the protocol's.
    keep_runs : bool
        Keep the run directories, in ``out/runs``.
    client : dask.distributed.Client, optional
        Runs on its workers, which have to see the data, and ``out`` where runs are kept, under the same paths.
    on_result : callable, optional

    Returns
    -------
    list of Result
        In the protocol's order.

    Raises
    ------
    SpectralMambaError
        Anything that is wrong with protocol or data.
    """
    protocol = protocol if seeds is None else protocol.with_seeds(seeds)
    units, folder = units_of(protocol), ResultFolder(out, keep_runs)
    distinct = list({unit.key: unit for unit in units}.values())  # two labels may stand for one configuration
    found = {unit.key: result for unit in distinct if (result := folder.ready(unit.key)) is not None}
    missing = [unit for unit in distinct if unit.key not in found]
    folder.make()
    write_record(protocol, [unit.key for unit in units], out)
    for result in _run_there(client, missing, folder) if client is not None else _run_here(missing, folder):
        found[result.key] = result
        if on_result is not None:
            on_result(result, len(found), len(distinct))
    # A result that is there already may be of an entry that had another label then.
    return [replace(found[unit.key], name=unit.name, form=unit.form) for unit in units]


def _run_here(units: Sequence[Unit], folder: ResultFolder) -> Iterator[Result]:
    """Run one after the other; what another process has in hand comes last, when it is there in all likelihood."""
    elsewhere = []
    for unit in units:
        with folder.claimed(unit.key, wait=False) as mine:
            if mine:
                yield _ready_or_run(unit, folder)
            else:
                elsewhere.append(unit)
    if elsewhere:
        logger.warning("another process runs %d of these in %s; waiting for it", len(elsewhere), folder.path)
    for unit in elsewhere:
        with folder.claimed(unit.key, wait=True):
            yield _ready_or_run(unit, folder)


def _ready_or_run(unit: Unit, folder: ResultFolder) -> Result:
    result = folder.ready(unit.key)  # another process may have been faster
    return folder.keep(run_unit(unit, folder.runs)) if result is None else result


def _run_there(client: Any, units: Sequence[Unit], folder: ResultFolder) -> Iterator[Result]:  # noqa: ANN401
    """Run on the workers of a cluster, which one process at a time feeds; results come as they are ready."""
    from dask.distributed import as_completed  # noqa: PLC0415 - an extra

    with folder.claimed("cluster", wait=False) as alone:
        if not alone:
            logger.warning("another process runs a benchmark on a cluster in %s; waiting for it", folder.path)
    with folder.claimed("cluster", wait=True):
        ready = {unit.key: folder.ready(unit.key) for unit in units}
        yield from (result for result in ready.values() if result is not None)
        futures = [client.submit(run_unit, unit, folder.runs, pure=False) for unit in units if ready[unit.key] is None]
        try:
            for future in as_completed(futures):
                yield folder.keep(future.result())
        finally:
            client.cancel(futures)


def run_unit(unit: Unit, out: Path | None = None) -> Result:
    """Train and test once.

    Parameters
    ----------
    unit : Unit
    out : Path, optional
        Folder of the benchmark, where the run directory is to be kept. One that was begun there is gone on with.
    """
    if out is not None:
        return _run_in(unit, ResultFolder(out).run_folder(unit.key))
    with TemporaryDirectory() as place:
        return _run_in(unit, Path(place) / "run")


def _run_in(unit: Unit, place: Path) -> Result:
    if place.is_dir() and not (place / "config.yaml").is_file():
        shutil.rmtree(place)  # killed before it had begun
    started = time.perf_counter()
    run, predictor, prepared = train(open_inputs(unit.config.data), place, unit.config, resume=True)
    seconds = time.perf_counter() - started
    test, _ = evaluate_run(predictor, prepared)
    run.write_metrics({"test": test.to_json()})
    costs = count_costs(predictor.model)
    n_test = int(prepared.part["test"].sum())
    logger.info("%s, seed %d, fold %s: OA %.4f", unit.name, unit.seed, unit.fold, test.matrix.overall_accuracy)
    return Result(
        unit.key,
        unit.name,
        unit.form,
        unit.seed,
        unit.fold,
        test.matrix,
        len(prepared.samples) - n_test,
        n_test,
        costs.parameters,
        costs.macs,
        seconds,
        measure_speed(predictor, prepared),
        prepared.split.describe(),
        len(prepared.bands),
    )


def measure_speed(predictor: ModelPredictor, prepared: Prepared) -> float:
    """Classify test pixels for half a second, and give the pixels a second; the first pass is not counted."""
    samples = prepared.select("test")
    sample_logits(predictor.model, samples)
    passes, started = 0, time.perf_counter()
    while (spent := time.perf_counter() - started) < SPEED_SECONDS or passes == 0:
        sample_logits(predictor.model, samples)
        passes += 1
    return passes * len(samples) / spent
