"""Reaching clusters, and failing to."""

import logging
import sys

import pytest

pytest.importorskip("distributed")

from spectralmamba.errors import BackendError, ClusterError, ConfigError
from spectralmamba.mapping import cluster
from spectralmamba.mapping.cluster import open_client, quiet_dask


@pytest.mark.parametrize("arguments", [{}, {"workers": 1, "scheduler": "tcp://x:1"}, {"workers": 0}])
def test_one_of_two(arguments):
    with pytest.raises(ConfigError, match="give"), open_client(**arguments):
        pass


@pytest.mark.parametrize("address", ["nonsense", "http://x:1", "tcp://127.0.0.1:9"])
def test_nobody_there_is_a_line(address, monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 0.3)
    message = f"no Dask scheduler answers at {address}; check the address"
    with pytest.raises(ClusterError, match=message), open_client(address):
        pass


def test_a_worker_is_no_scheduler():
    from distributed import LocalCluster

    options = {"processes": False, "protocol": "tcp", "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(n_workers=1, **options) as here:
        message, address = "a Dask worker; give its scheduler's address", here.workers[0].address
        with pytest.raises(ClusterError, match=message), open_client(address):
            pass
        with open_client(here.scheduler_address) as client:
            assert len(client.nthreads()) == 1


def test_a_missing_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BackendError, match=r"pip install 'spectralmamba\[distributed\]'"), open_client(workers=1):
        pass


def test_processes_that_cannot_be_started_are_a_line(monkeypatch):
    def refuse(**_):
        raise RuntimeError("Nanny failed to start.") from AssertionError("daemons are not allowed to have children")

    monkeypatch.setattr("distributed.LocalCluster", refuse)
    monkeypatch.setattr(cluster, "start_forkserver", lambda: False)
    message = r"cannot be started here \(daemons are not allowed to have children\); compute without .* __name__ =="
    with pytest.raises(ClusterError, match=message), open_client(workers=1):
        pass


def test_dask_can_be_quietened():
    levels = {name: logging.getLogger(name).level for name in ("distributed", "distributed.client", "asyncio")}
    try:
        quiet_dask()
        assert not any(logging.getLogger(name).isEnabledFor(logging.ERROR) for name in levels)
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
