"""Mapping on the processes of a Dask cluster: the same bytes, whatever becomes of workers."""

import os
import signal
from pathlib import Path

import pytest

pytest.importorskip("distributed")

from spectralmamba.errors import ClusterError, SceneError
from spectralmamba.mapping import distributed as module
from spectralmamba.mapping import map_scene
from spectralmamba.mapping.cluster import open_client
from spectralmamba.mapping.distributed import IN_FLIGHT, OnCluster
from spectralmamba.scenes import open_scene
from tests.mapping import dask_fakes
from tests.mapping.dask_fakes import FakeModel, Troubled
from tests.mapping.fakes import Neighbourhood
from tests.mapping.killed import write_small_scene
from tests.mapping.test_mapper import random_scene

TILES = 36


@pytest.fixture(scope="module")
def client():
    with open_client(workers=2) as client:
        yield client


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with a scene, and with the map that one process makes of it."""
    folder = tmp_path_factory.mktemp("scenes")
    write_small_scene(folder / "scene.tif")
    map_scene(Neighbourhood(), open_scene(folder / "scene.tif"), folder / "map.tif", confidence=folder / "sure.tif")
    return folder


def mapped(client, place, out: Path, model=None, **options):
    """Map on a cluster in tiles of 8 × 8."""
    options = {"tile_size": 8, "identity": {"model": "fake"}} | options
    files = {"confidence": out / "sure.tif"}
    with OnCluster(client, model or FakeModel()) as schedule:
        scene = open_scene(place / "scene.tif")
        summary = map_scene(Neighbourhood(), scene, out / "map.tif", schedule=schedule, **files, **options)
        return summary, schedule.workers


def assert_same(place: Path, out: Path) -> None:
    for name in ("map.tif", "sure.tif"):
        assert (out / name).read_bytes() == (place / name).read_bytes()


def test_two_processes_give_the_bytes_of_one(client, place, tmp_path):
    summary, workers = mapped(client, place, tmp_path)
    assert (summary.tiles, workers) == (TILES, 2)
    assert summary.seconds.reading > 0
    assert_same(place, tmp_path)


def test_ctrl_c_is_left_to_the_process_that_asks(client):
    assert set(client.run(signal.getsignal, signal.SIGINT).values()) == {signal.SIG_IGN}


def test_a_scene_in_memory_is_sent_along(client, tmp_path):
    scene = random_scene(20, 20)
    with OnCluster(client, FakeModel()) as schedule:
        map_scene(Neighbourhood(), scene, tmp_path / "there.tif", tile_size=8, schedule=schedule)
    map_scene(Neighbourhood(), scene, tmp_path / "here.tif")
    assert (tmp_path / "there.tif").read_bytes() == (tmp_path / "here.tif").read_bytes()


def test_a_model_is_made_once_a_worker_and_nothing_stays_there(client, place, tmp_path):
    log, scene = tmp_path / "log", open_scene(place / "scene.tif")
    with OnCluster(client, FakeModel(log=log)) as schedule:
        for name in ("first.tif", "second.tif"):
            map_scene(Neighbourhood(), scene, tmp_path / name, tile_size=16, schedule=schedule)
    assert log.read_text().split() == ["1", "1"]  # with one thread each
    assert not [name for name in client.run(dask_fakes.plugins_of_ours).values() if name]
    assert not client.futures


def test_few_tasks_are_in_flight_and_small_tiles_go_in_groups(client, place, tmp_path):
    in_flight, keys = [], set()

    def look(done, total):
        in_flight.append(len(client.futures))
        keys.update(client.futures)

    mapped(client, place, tmp_path, tile_size=3, on_tile=look)
    assert len(in_flight) == 256
    assert 0 < max(in_flight) <= IN_FLIGHT * 2
    assert len(keys) < 150
    assert_same(place, tmp_path)


def test_a_killed_worker_costs_no_result(client, place, tmp_path):
    killed = []

    def kill(done, total):
        if done == 6:
            pid = next(iter(client.run(os.getpid).values()))
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    mapped(client, place, tmp_path, FakeModel(Troubled(seconds=0.02)), on_tile=kill)
    assert killed
    assert_same(place, tmp_path)


def test_an_error_on_a_worker_comes_out_as_it_is(client, place, tmp_path):
    with pytest.raises(SceneError, match="the file went away"):
        mapped(client, place, tmp_path, FakeModel(Troubled(trouble="error")))
    assert list(tmp_path.iterdir()) == []
    assert not client.futures


def test_what_was_begun_on_a_cluster_is_resumed_in_one_process(client, place, tmp_path):
    def stop(done, total):
        if done == 12:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        mapped(client, place, tmp_path, on_tile=stop)
    scene, files = open_scene(place / "scene.tif"), {"confidence": tmp_path / "sure.tif"}
    options = {"identity": {"model": "fake"}, "resume": True}
    summary = map_scene(Neighbourhood(), scene, tmp_path / "map.tif", **files, **options)
    assert 12 <= summary.resumed < TILES
    assert_same(place, tmp_path)


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"spectralmamba": None}, r"tcp://\S+ has spectralmamba not installed"),
        ({"numba": "0.1"}, r"has numba 0\.1 in place of \d"),
    ],
)
def test_workers_with_other_versions_are_named_before_anything_is_computed(client, place, tmp_path, others, message):
    some = list(client.nthreads())[:1]
    client.run(dask_fakes.pretend, others, workers=some)
    try:
        with pytest.raises(ClusterError, match=message):
            mapped(client, place, tmp_path)
    finally:
        client.run(dask_fakes.stop_pretending, workers=some)
    assert list(tmp_path.iterdir()) == []


def test_tiles_that_kill_workers_end_in_a_line(client, place, tmp_path, monkeypatch):
    """Last, since a worker has to come back after it."""
    monkeypatch.setattr(client.cluster.scheduler, "allowed_failures", 0)
    with pytest.raises(ClusterError, match="probably ran out of memory; use a smaller --tile"):
        mapped(client, place, tmp_path, FakeModel(Troubled(trouble="death")))


@pytest.fixture
def fleeting():
    """A cluster of one worker in this process, to be spoilt; its scheduler is reached as a distant one is."""
    from distributed import Client, LocalCluster

    options = {"processes": False, "protocol": "tcp", "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with LocalCluster(n_workers=1, threads_per_worker=1, **options) as cluster, Client(cluster) as client:
        yield cluster, client


def test_a_lost_scheduler_ends_in_a_line_that_says_what_is_kept(fleeting, place, tmp_path):
    cluster, client = fleeting

    def lose(done, total):
        if done == 6:
            cluster.close()

    with pytest.raises(ClusterError, match=rf"scheduler .*was lost.* \(\d+ of {TILES} tiles are kept: --resume"):
        mapped(client, place, tmp_path, FakeModel(Troubled(seconds=0.02)), on_tile=lose)
    assert not (tmp_path / "map.tif").exists()


def test_without_workers_nothing_is_waited_for_long(fleeting, place, tmp_path, monkeypatch):
    cluster, client = fleeting
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.1)

    def lose(done, total):
        if done == 2:
            cluster.scale(0)

    with pytest.raises(ClusterError, match="no worker is left"):
        mapped(client, place, tmp_path, FakeModel(Troubled(seconds=0.02)), on_tile=lose)
    with pytest.raises(ClusterError, match="has no workers; start some"):
        mapped(client, place, tmp_path, resume=True)
