"""Products and spectral libraries through the commands, as a user reaches them."""

import numpy as np
import pytest

from spectralmamba.cli.main import run as spectralmamba
from tests.scenes.libraries import files as libraries
from tests.scenes.products import cf as stores
from tests.scenes.products import emit, prisma


def described(capsys, *arguments):
    code = spectralmamba(["info", *map(str, arguments)])
    output = capsys.readouterr()
    return code, " ".join((output.out + output.err).split())


def test_info_of_a_prisma_product(capsys, tmp_path):
    code, text = described(capsys, prisma.write(tmp_path / "PRS_L2D_STD.he5"))
    assert code == 0
    assert "EPSG:32633" in text
    assert "411.3–2496.9 nm" in text


def test_info_of_the_folder_of_an_emit_granule(capsys, tmp_path):
    emit.write(tmp_path)
    emit.write_mask(tmp_path, {"Cloud flag": [(3, 2)]})
    code, text = described(capsys, tmp_path)
    assert code == 0
    assert "9 × 10 pixels, 4 bands" in text
    assert "(12.5, 52.5)" in text


def test_info_of_stores(capsys, tmp_path):
    stores.scene().to_netcdf(tmp_path / "flight.nc")
    code, text = described(capsys, tmp_path / "flight.nc")
    assert code == 0
    assert "450.5–1650.2 nm" in text


@pytest.mark.parametrize("level", ["L1", "L2C"])
def test_another_level_is_one_line_and_code_2(capsys, tmp_path, level):
    code, text = described(capsys, prisma.write(tmp_path / "a.he5", level=level))
    assert code == 2
    assert "pass its L2D product" in text
    assert "Traceback" not in text


def test_a_library_trains_as_an_npz_does(capsys, tmp_path):
    rng = np.random.default_rng(0)
    spectra = np.concatenate([rng.normal(1000, 60, (30, 4)), rng.normal(3000, 60, (30, 4))])
    names = [f"{kind} {i}" for kind in ("dark", "bright") for i in range(30)]
    path = libraries.write_envi(tmp_path, spectra, spectra_names="{" + ",".join(names) + "}")
    rows = [[name, name.split()[0], i % 3] for i, name in enumerate(names)]
    libraries.write_table(tmp_path / "library.csv", [["name", "kind", "plot"], *rows])
    quick = ["--patch-size", "1", "--epochs", "3", "--split", "random", "--out", str(tmp_path / "run")]
    assert spectralmamba(["train", str(path), str(path), *quick]) == 2
    assert "attributes kind, plot; name the one with the class" in " ".join(capsys.readouterr().err.split())
    assert spectralmamba(["train", str(path), str(path), "--attribute", "kind", *quick]) == 0
    assert "dark" in (tmp_path / "run" / "model.json").read_text()
