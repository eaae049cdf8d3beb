import json
import os
import subprocess
import sys

import pytest

from spectralmamba.mapping.forkserver import start_forkserver

ASK = """
import json, multiprocessing, os, sys
from pathlib import Path

def look(queue):
    status = dict(line.split(":", 1) for line in Path(f"/proc/{os.getppid()}/status").read_text().splitlines())
    loaded = [name for name in ("torch", "distributed", "spectralmamba.mapping.workers") if name in sys.modules]
    queue.put([loaded, int(status["Threads"]), os.environ.get("OMP_NUM_THREADS"), "email.mime" in sys.modules])

if __name__ == "__main__":
    from spectralmamba.mapping.forkserver import start_forkserver
    started = start_forkserver("email.mime")
    early = "torch" in sys.modules
    context = multiprocessing.get_context("forkserver")
    queue = context.Queue()
    process = context.Process(target=look, args=(queue,))
    process.start()
    print(json.dumps([started, early, os.environ.get("OMP_NUM_THREADS"), *queue.get()]))
    process.join()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are spawned")
def test_processes_find_the_libraries_loaded_by_one_that_has_a_single_thread(tmp_path):
    (tmp_path / "ask.py").write_text(ASK)
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, tmp_path / "ask.py"], check=True, capture_output=True, text=True, env=environment
    )
    started, early, kept, loaded, threads, set_there, asked = json.loads(done.stdout)
    assert started
    assert not early  # the caller itself has loaded nothing
    assert kept is None
    assert loaded == ["torch", "distributed", "spectralmamba.mapping.workers"]
    assert threads == 1
    assert set_there == "1"
    assert asked


def test_elsewhere_than_on_linux_nothing_is_started(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert not start_forkserver()
