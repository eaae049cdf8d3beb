"""Compiled kernels are kept on disk, wherever that is possible, and found again while the sources are the same."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import spectralmamba
from spectralmamba.ops.cpu import job
from spectralmamba.ops.cpu.call import Plan

# The convolution compiles in a second, the scan in five.
PROGRAM = """
from spectralmamba.ops.cpu.compiled import kernel
assert kernel("convolution") > 0
import torch
from spectralmamba.ops.cpu.causal_conv1d import forward
print(forward(torch.ones(1, 1, 3), torch.ones(1, 2), None, False).tolist())
"""


@pytest.fixture
def installed(tmp_path):
    """A copy of the package, as in site-packages."""
    package = Path(spectralmamba.__file__).parent
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(package, tmp_path / "site-packages" / "spectralmamba", ignore=ignore)
    return tmp_path / "site-packages"


def run(installed, home, program=PROGRAM, **environment):
    """Run a program in a process of its own; return what Numba says of its cache."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA")}
    variables |= {"PYTHONPATH": str(installed), "HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    variables |= {"NUMBA_DEBUG_CACHE": "1", "PYTHONDONTWRITEBYTECODE": "1"} | environment
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, env=variables, check=False)
    assert done.returncode == 0, done.stderr
    assert "[[[1.0, 2.0, 2.0]]]" in done.stdout
    return done.stdout


def make_unwritable(installed):
    """Leave Numba no folder beside the sources. A file where the folder would be stops root too."""
    (installed / "spectralmamba" / "ops" / "cpu" / "__pycache__").write_text("not a folder")


def test_kept_beside_the_sources_and_found_again(installed, tmp_path):
    assert "data saved to" in run(installed, tmp_path)
    second = run(installed, tmp_path)
    assert "data loaded from" in second
    assert "data saved to" not in second
    assert list((installed / "spectralmamba" / "ops" / "cpu" / "__pycache__").glob("*.nbc"))


def test_kept_in_the_users_cache_where_the_package_cannot_be_written(installed, tmp_path):
    make_unwritable(installed)
    home = tmp_path / "home"
    home.mkdir()
    assert "data saved to" in run(installed, home)
    assert list(home.rglob("*.nbc"))
    second = run(installed, home)
    assert "data loaded from" in second
    assert "data saved to" not in second


def test_with_no_folder_at_all_it_computes_all_the_same(installed, tmp_path):
    make_unwritable(installed)
    home = tmp_path / "home"
    home.write_text("not a folder")
    assert "data saved to" not in run(installed, home)


def test_a_damaged_file_is_no_obstacle(installed, tmp_path):
    run(installed, tmp_path)
    folder = installed / "spectralmamba" / "ops" / "cpu" / "__pycache__"
    for path in folder.glob("*.nb[ic]"):
        path.write_bytes(path.read_bytes()[:100])
    run(installed, tmp_path)


CHANGE = """
from pathlib import Path
from spectralmamba.ops.cpu import compiled
source = Path(compiled.__file__).with_name("functions.py")
source.write_text(source.read_text() + "# changed")
"""


def test_a_change_in_any_of_the_sources_is_noticed_and_has_files_of_its_own(installed, tmp_path):
    """Of its own, for two processes that write to the same may find each other's code there."""
    run(installed, tmp_path)
    source = installed / "spectralmamba" / "ops" / "cpu" / "functions.py"
    source.write_text(source.read_text() + "\n# changed\n")
    assert "data saved to" in run(installed, tmp_path)
    assert len(list(source.parent.glob("__pycache__/*convolution*.nbi"))) == 2


def test_a_process_of_an_older_version_keeps_nothing_as_of_the_newer(installed, tmp_path):
    assert "data saved to" in run(installed, tmp_path, CHANGE + PROGRAM)
    assert "data saved to" in run(installed, tmp_path)


def test_a_job_with_an_unknown_field_is_a_defect_that_shows():
    with pytest.raises(KeyError, match="no field"):
        Plan._of("scan", job.SCAN_FIELDS, (), {"abacus": 1}, 0, 1)
    plan = Plan._of("scan", job.SCAN_FIELDS, (), {"batch": 3}, 0, 1)
    assert plan.job[job.SCAN_FIELDS.index("batch")] == 3
