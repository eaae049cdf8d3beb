"""Mapping on the workers of a Dask cluster: groups of tiles are its tasks, and come back in any order."""

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from importlib import metadata
from math import prod
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import xarray as xr
from distributed import KilledWorker
from distributed.comm.core import CommClosedError

from spectralmamba.errors import ClusterError, SpectralMambaError
from spectralmamba.mapping.computing import TileResult, Wanted
from spectralmamba.mapping.groups import Groups
from spectralmamba.mapping.identity import installed_versions
from spectralmamba.mapping.predictor import Predictor
from spectralmamba.mapping.tiles import Tile
from spectralmamba.mapping.workers import (
    ModelKeeper,
    SceneJob,
    SceneKeeper,
    Shipped,
    compute_group,
    describe_versions,
    facts_for_workers,
    other_versions,
    prepare,
)

IN_FLIGHT = 2
"""Tasks for each thread of the workers: one that runs, and one that waits for it to end. More would only be kept by
the scheduler, and a hundred thousand tiles would fill its memory."""

RETRIES = 2  # of a task that failed: storage that many read from fails at times
LOOK_SECONDS = 2.0  # between looks at what workers there are
PATIENCE_SECONDS = 60.0  # for workers to come (back) where there is none


class OnCluster:
    """A :class:`spectralmamba.mapping.schedule.Schedule` on a cluster's workers; to be used as a context.

    The model is sent to each worker once, however many scenes are mapped. Workers have to see scenes that are read
    from files under the same paths; a scene in memory is sent to each.

    Parameters
    ----------
    client : distributed.Client
        Workers may come and go. They must have the versions of spectralmamba and of the libraries it computes with that
        this process has.
    model : Shipped
        What gives, elsewhere, the predictor that tiles are asked for with.

    Examples
    --------
    >>> with open_client(workers=2) as client, OnCluster(client, ShippedModel.read(run)) as schedule:  # doctest: +SKIP
    ...     map_scene(predictor, scene, "map.tif", schedule=schedule)
    """

    def __init__(self, client: Any, model: Shipped) -> None:  # noqa: ANN401 - Dask is typed in part
        self._client, self._model = client, model
        self._name = f"spectralmamba-model-{model.digest[:16]}-{uuid4().hex[:8]}"
        self._sent = False
        self._threads: dict[str, int] = {}
        self._looked = self._last_seen = -float("inf")
        self.workers = 0  # the most that were seen at once

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sent:
            self._take_back(self._name)

    def __call__(
        self, predictor: Predictor, scene: xr.DataArray, tiles: Sequence[Tile], wanted: Wanted
    ) -> Generator[TileResult, None, None]:
        """Compute each tile once.

        Raises
        ------
        ClusterError
            There are no workers, they cannot be used, or the scheduler was lost.
        SpectralMambaError
            What a worker raised.
        """
        if not tiles:
            return
        with self._speaking_plainly(), self._prepared(predictor, scene, wanted) as name:
            shapes = wanted.arrays(predictor, *tiles[0].shape).values()
            groups = Groups(tiles, sum(prod(shape) * dtype.itemsize for shape, dtype in shapes))
            yield from self._compute(name, groups)

    def _compute(self, name: str, groups: Groups) -> Generator[TileResult, None, None]:
        ended: SimpleQueue[Any] = SimpleQueue()
        running: set[Any] = set()
        try:
            while groups or running:
                slots = self._slots()
                while groups and len(running) < IN_FLIGHT * max(slots, 1):
                    tiles = groups.take(slots)
                    key = f"{name}-{tiles[0].index}"
                    future = self._client.submit(compute_group, name, tiles, key=key, retries=RETRIES)
                    running.add(future)
                    future.add_done_callback(ended.put)
                future = self._wait(ended)
                running.discard(future)
                try:
                    results = future.result()
                finally:
                    future.release()  # the worker may forget it
                groups.learn(results)
                yield from results
        finally:
            if running and self._is_there:
                with suppress(OSError, CancelledError):
                    self._client.cancel(list(running))

    def _wait(self, ended: "SimpleQueue[Any]") -> Any:  # noqa: ANN401
        while True:
            try:
                return ended.get(timeout=LOOK_SECONDS)
            except Empty:
                if self._slots() == 0 and time.monotonic() - self._last_seen > PATIENCE_SECONDS:
                    raise ClusterError(
                        "no worker is left; start workers, with more memory where they ran out"
                    ) from None

    def _slots(self) -> int:
        """Count the threads of the workers, as they were a moment ago."""
        if not self._is_there:
            raise CancelledError
        now = time.monotonic()
        if now - self._looked > LOOK_SECONDS:
            self._threads, self._looked = dict(self._client.nthreads()), now
            self.workers = max(self.workers, len(self._threads))
            if self._threads:
                self._last_seen = now
        return sum(self._threads.values())

    @property
    def _is_there(self) -> bool:
        return bool(self._client.status == "running")

    @contextmanager
    def _prepared(self, predictor: Predictor, scene: xr.DataArray, wanted: Wanted) -> Iterator[str]:
        """Bring a job to all workers and check that they can do it; gives its name."""
        self._require_workers()
        versions = installed_versions()
        require_versions(self._client, versions)
        if not self._sent:
            self._client.register_plugin(ModelKeeper(self._model), name=self._name)
            self._sent = True
        name = f"spectralmamba-map-{uuid4().hex[:16]}"
        facts = facts_for_workers(predictor, scene, wanted)
        self._client.register_plugin(SceneKeeper(SceneJob(self._name, scene, wanted, facts, versions)), name=name)
        try:
            self._prepare(name)
            yield name
        finally:
            self._take_back(name)

    def _require_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
        except TimeoutError as error:
            raise ClusterError(f"{self._place} has no workers; start some with 'dask worker'") from error
        self._slots()

    def _prepare(self, name: str) -> None:
        """Load model and scene on every worker. One that is lost meanwhile is not missed here."""
        for result in self._client.run(prepare, name, on_error="return").values():
            if isinstance(result, Exception) and not isinstance(result, CommClosedError):
                raise result

    def _take_back(self, name: str) -> None:
        if self._is_there:
            with suppress(OSError, ValueError, CancelledError):
                self._client.unregister_worker_plugin(name)

    @contextmanager
    def _speaking_plainly(self) -> Iterator[None]:
        """Turn what Dask raises into our errors."""
        try:
            yield
        except SpectralMambaError:
            raise
        except KilledWorker as error:
            raise ClusterError(
                "the same tiles were lost with several workers, which probably ran out of memory; "
                "use a smaller --tile, or workers with more memory"
            ) from error
        except (CancelledError, CommClosedError) as error:
            raise ClusterError(f"{self._place} was lost, or stopped the work; see that it runs, then go on") from error
        except ModuleNotFoundError as error:
            raise ClusterError(f"a worker lacks a package ({error}); install the same versions there") from error

    @property
    def _place(self) -> str:
        scheduler = self._client.scheduler
        return "the Dask scheduler" if scheduler is None else f"the Dask scheduler at {scheduler.address}"


def require_versions(client: Any, versions: Mapping[str, str]) -> None:  # noqa: ANN401
    """Refuse workers without the package, or with other versions than ``versions``.

    They are asked through functions of the standard library, since ours may not be there.

    Raises
    ------
    ClusterError
        It names workers and versions.
    """
    found: dict[str, dict[str, str]] = {}
    for name in versions:
        for worker, number in client.run(metadata.version, name, on_error="return").items():
            if not isinstance(number, CommClosedError):  # lost, and not missed
                found.setdefault(worker, {}).update({} if isinstance(number, Exception) else {name: number})
    others = {worker: its for worker, has in found.items() if (its := other_versions(versions, has))}
    if others:
        raise ClusterError(describe_versions(others))
