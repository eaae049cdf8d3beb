import json
import os
import signal
import subprocess
import sys
import time

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


INTERRUPTED = """
import multiprocessing, os, signal

def look(queue):
    queue.put([signal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.pthread_sigmask(0, ())])

if __name__ == "__main__":
    from spectralmamba.mapping.forkserver import start_forkserver
    signal.signal(signal.SIGINT, lambda *_: None)
    start_forkserver()
    print("started", flush=True)
    context = multiprocessing.get_context("forkserver")
    queue = context.Queue()
    process = context.Process(target=look, args=(queue,))
    process.start()
    print(*queue.get())
    process.join()
"""

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are spawned")


@on_linux
def test_an_interrupt_while_it_loads_leaves_no_traceback_and_its_children_know_the_next(tmp_path):
    (tmp_path / "ask.py").write_text(INTERRUPTED)
    started = subprocess.Popen(
        [sys.executable, tmp_path / "ask.py"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert started.stdout.readline() == "started\n"
    time.sleep(0.3)
    os.killpg(started.pid, signal.SIGINT)
    out, err = started.communicate(timeout=60)
    assert out == "True set()\n"
    assert err == ""


@on_linux
def test_processes_find_the_libraries_loaded_by_one_that_has_a_single_thread(tmp_path):
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "ask.py").write_text(ASK)
    (tmp_path / "token.py").write_text("raise RuntimeError")  # in the current folder, and none of the libraries
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "programs/ask.py"], check=True, capture_output=True, text=True, env=environment, cwd=tmp_path
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
