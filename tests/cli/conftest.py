"""A trained run and its files, made once."""

from pathlib import Path
from typing import NamedTuple

import pytest

from spectralmamba.cli.main import run as spectralmamba
from tests.small import write_files


class Files(NamedTuple):
    scene: Path
    labels: Path
    run: Path


QUICK = ["--split", "random", "--epochs", "3", "--batch-size", "32"]


@pytest.fixture(scope="session")
def files(tmp_path_factory) -> Files:
    folder = tmp_path_factory.mktemp("files")
    scene, labels = write_files(folder)
    code = spectralmamba(["train", str(scene), str(labels), "--out", str(folder / "run"), *QUICK])
    assert code == 0
    return Files(scene, labels, folder / "run")
