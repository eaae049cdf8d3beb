"""What a worker looks at before it computes."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("distributed")

from spectralmamba.errors import ClusterError, SceneError
from spectralmamba.mapping.computing import Wanted
from spectralmamba.mapping.identity import installed_versions
from spectralmamba.mapping.workers import (
    ModelKeeper,
    SceneJob,
    SceneKeeper,
    describe_versions,
    facts_for_workers,
    other_versions,
    prepare,
)
from spectralmamba.scenes import open_scene
from tests.mapping.dask_fakes import FakeModel
from tests.mapping.fakes import Neighbourhood
from tests.mapping.killed import write_small_scene


@dataclass
class Worker:
    plugins: dict[str, Any] = field(default_factory=dict)
    address: str = "tcp://here:1"
    state: Any = field(default_factory=lambda: SimpleNamespace(nthreads=1))


@pytest.fixture
def scene(tmp_path):
    write_small_scene(tmp_path / "scene.tif")
    return open_scene(tmp_path / "scene.tif")


def worker_with(scene, predictor=None, versions=None) -> Worker:
    worker, wanted = Worker(), Wanted()
    facts = facts_for_workers(predictor or Neighbourhood(), scene, wanted)
    job = SceneJob("model", scene, wanted, facts, installed_versions() if versions is None else versions)
    worker.plugins |= {"model": ModelKeeper(FakeModel()), "job": SceneKeeper(job)}
    for plugin in worker.plugins.values():
        plugin.setup(worker)
    return worker


def test_a_worker_that_sees_the_same_is_ready(scene):
    prepare("job", worker_with(scene))


def test_a_worker_that_has_just_come_is_passed_over():
    prepare("job", Worker())


def test_a_worker_without_the_scene_is_named(scene, tmp_path):
    worker = worker_with(scene)
    (tmp_path / "scene.tif").unlink()
    with pytest.raises(
        SceneError,
        match=r"tcp://here:1 does not see \S+scene.tif; put it where all see it under the same absolute path",
    ):
        prepare("job", worker)


def test_a_worker_with_another_scene_under_the_path_is_named(scene, tmp_path):
    worker = worker_with(scene)
    content = (tmp_path / "scene.tif").read_bytes()
    (tmp_path / "scene.tif").write_bytes(content + b"x")
    with pytest.raises(SceneError, match=r"sees another \S+scene.tif, by size or time"):
        prepare("job", worker)


def test_a_worker_with_another_model_is_named(scene):
    with pytest.raises(ClusterError, match="has another temperature; start the workers anew"):
        prepare("job", worker_with(scene, Neighbourhood(temperature=7.0)))


def test_a_worker_that_comes_late_with_other_versions_is_named(scene):
    with pytest.raises(ClusterError, match=r"tcp://here:1 has numpy \S+ in place of 0\.1; install the same"):
        prepare("job", worker_with(scene, versions={"numpy": "0.1"}))


def test_versions_are_compared_by_package():
    assert {"spectralmamba", "numpy", "numba", "torch"} == set(installed_versions())
    wanted = {"a": "1", "b": "2", "c": "3"}
    assert other_versions(wanted, {"a": "1", "b": "9"}) == {"b": "9 in place of 2", "c": "not installed"}


def test_of_many_workers_a_few_are_named():
    text = describe_versions({f"tcp://{i}": {"numpy": "not installed"} for i in range(9)})
    assert "tcp://2" in text
    assert "tcp://3" not in text
    assert "and 6 more" in text
