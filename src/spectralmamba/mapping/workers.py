"""What runs on the workers of a Dask cluster: they keep the model and the scene, and compute groups of tiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol, cast

import rasterio
import xarray as xr
from distributed import WorkerPlugin, get_worker

from spectralmamba.errors import ClusterError, SceneError, SpectralMambaError
from spectralmamba.mapping.computing import TileResult, Wanted, compute_tiles
from spectralmamba.mapping.identity import Facts, differences, installed_versions, job_facts
from spectralmamba.mapping.mapper import GDAL_CACHE
from spectralmamba.mapping.predictor import Predictor
from spectralmamba.mapping.tiles import Tile


class Shipped(Protocol):
    """A predictor on its way to another process; :class:`spectralmamba.models.shipped.ShippedModel` is one."""

    @property
    def digest(self) -> str:
        """Tells it from any other."""

    def load(self, threads: int) -> Predictor:
        """Make it, to compute with so many threads."""


class ModelKeeper(WorkerPlugin):
    """Keeps a model on every worker, and on those that come later; it is made when it is first needed."""

    def __init__(self, model: Shipped) -> None:
        self._model = model

    def setup(self, worker: Any) -> None:  # noqa: ANN401 - Dask is typed in part
        """Arrive on a worker."""
        self._threads, self._lock = int(worker.state.nthreads), Lock()
        self._predictor: Predictor | None = None

    def get(self) -> Predictor:
        """Give the predictor."""
        with self._lock:
            if self._predictor is None:
                self._predictor = self._model.load(self._threads)
            return self._predictor


@dataclass(frozen=True)
class SceneJob:
    """What the tiles of one map have in common.

    Attributes
    ----------
    model : str
        Name of the plugin that keeps the model.
    scene : DataArray (band, y, x)
        A scene that is read from files travels as their paths, one in memory with its values.
    wanted : Wanted
    facts : dict
        What has to be the same where the tiles are computed, see :func:`facts_for_workers`.
    versions : dict of str to str
        Likewise, of packages.
    """

    model: str
    scene: xr.DataArray = field(repr=False)
    wanted: Wanted
    facts: Facts = field(repr=False)
    versions: Mapping[str, str]


class SceneKeeper(WorkerPlugin):
    """Keeps a job on every worker, and on those that come later."""

    def __init__(self, job: SceneJob) -> None:
        self.job = job

    def setup(self, worker: Any) -> None:  # noqa: ANN401
        """Arrive on a worker."""
        self._worker, self._checked = worker, False

    def ready_predictor(self) -> Predictor:
        """Give the predictor, when it is certain that this worker computes what the client would.

        Raises
        ------
        ClusterError
            The worker has other versions than the client.
        SceneError
            It does not see the scene, or sees another one.
        RunError
            The model cannot be loaded here.
        """
        keeper: ModelKeeper = self._worker.plugins[self.job.model]
        if not self._checked:
            others = other_versions(self.job.versions, installed_versions())
            if others:
                raise ClusterError(describe_versions({self._worker.address: others}))
        predictor = keeper.get()
        if not self._checked:
            facts = facts_for_workers(predictor, self.job.scene, self.job.wanted)
            different = differences(self.job.facts, facts)
            if different:
                raise _other_facts(self._worker.address, different, self.job.facts, facts)
            self._checked = True
        return predictor


def facts_for_workers(predictor: Predictor, scene: xr.DataArray, wanted: Wanted) -> Facts:
    """Gather what has to be the same where the tiles of a map are computed."""
    return job_facts(predictor, scene, (0, 0), wanted, {})


def other_versions(wanted: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
    """Say of each package that is not there, or in another version, what is there in place of what."""
    return {
        name: f"{found[name]} in place of {number}" if name in found else "not installed"
        for name, number in wanted.items()
        if found.get(name) != number
    }


def describe_versions(others: Mapping[str, Mapping[str, str]]) -> str:
    """Write what workers, by their addresses, lack or have in other versions."""
    first = "; ".join(
        f"{address} has {', '.join(f'{name} {text}' for name, text in its.items())}"
        for address, its in list(others.items())[:3]
    )
    more = f"; and {len(others) - 3} more" if len(others) > 3 else ""
    return f"workers differ from this process: {first}{more}; install the same versions there"


def _other_facts(address: str, different: Sequence[str], facts: Facts, found: Facts) -> SpectralMambaError:
    if "scene" not in different or facts["scene"] is None:
        return ClusterError(f"worker {address} has another {', another '.join(different)}; start the workers anew")
    path = facts["scene"][0]
    if found["scene"] is None:
        return SceneError(f"worker {address} does not see {path}; put it where all see it under the same absolute path")
    return SceneError(f"worker {address} sees another {path}, by size or time of change; copy it there, with its time")


def prepare(name: str, dask_worker: Any = None) -> None:  # noqa: ANN401
    """Load what a job needs on a worker and check it; Dask passes the worker."""
    if name in dask_worker.plugins:  # else it has just come, and is checked with its first task
        dask_worker.plugins[name].ready_predictor()


def compute_group(name: str, tiles: Sequence[Tile]) -> list[TileResult]:
    """Compute tiles of a job, on the worker that this runs on."""
    keeper = cast("SceneKeeper", get_worker().plugins[name])
    predictor = keeper.ready_predictor()
    with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE):
        return list(compute_tiles(predictor, keeper.job.scene, tiles, keeper.job.wanted))
