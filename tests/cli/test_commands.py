"""The commands, as a user types them."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import rasterio
import yaml
from affine import Affine

from spectralmamba.cli.main import run as spectralmamba
from spectralmamba.models import count_costs, create_model
from tests.cli.conftest import QUICK


def output(capsys, *arguments: object) -> str:
    capsys.readouterr()
    assert spectralmamba([str(a) for a in arguments]) == 0
    return capsys.readouterr().out


def test_a_run_holds_what_the_design_says(files):
    names = {str(p.relative_to(files.run)) for p in files.run.rglob("*") if p.is_file()}
    expected = {
        *("config.yaml", "model.safetensors", "model.json", "history.csv", "metrics.json", "report.html"),
        *("split/split.json", "split/train.tif", "split/validation.tif", "split/test.tif"),
        *("figures/spectra.png", "figures/training.png", "figures/confusion.png"),
    }
    assert expected <= names
    assert any(name.startswith("checkpoints/") for name in names)
    metrics = json.loads((files.run / "metrics.json").read_text())
    assert metrics["test"]["confusion_matrix"]["rows"] == "reference"
    assert metrics["test"]["n_pixels"] == np.sum(metrics["test"]["confusion_matrix"]["counts"])


def test_the_config_of_a_run_makes_the_same_run(capsys, files, tmp_path):
    arguments = ["--out", tmp_path / "again", "--config", files.run / "config.yaml"]
    output(capsys, "train", files.scene, files.labels, *arguments)
    for name in ("model.safetensors", "model.json"):
        assert (tmp_path / "again" / name).read_bytes() == (files.run / name).read_bytes()


def test_evaluate_repeats_the_runs_own_figure(capsys, files):
    found = json.loads(output(capsys, "evaluate", files.run, files.scene, files.labels, "--json"))
    kept = json.loads((files.run / "metrics.json").read_text())["test"]
    assert found["confusion_matrix"] == kept["confusion_matrix"]
    text = output(capsys, "evaluate", files.run, files.scene, files.labels)
    assert f"OA {100 * kept['overall_accuracy']:.1f} %" in text
    assert "kappa" in text


def test_map_writes_map_and_confidence(capsys, files, tmp_path):
    text = output(
        capsys, "map", files.run, files.scene, "--out", tmp_path / "a.tif", "--confidence", tmp_path / "c.tif"
    )
    output(capsys, "map", files.run, files.scene, "--out", tmp_path / "b.tif", "--tile", 13)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    with rasterio.open(tmp_path / "a.tif") as file, rasterio.open(files.scene) as scene:
        assert (file.crs, file.transform, file.shape) == (scene.crs, scene.transform, scene.shape)
        classes = file.read(1)
        assert np.array_equal(classes > 0, np.isfinite(scene.read(2)))
    for number in np.unique(classes[classes > 0]):
        assert f"{(classes == number).sum():,} pixels" in text


def test_map_draws_a_figure(files, tmp_path, capsys):
    output(
        *(capsys, "map", files.run, files.scene, "--out", tmp_path / "a.tif"),
        *("--figure", tmp_path / "a.png", "--labels", files.labels),
    )
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_overwrite_and_resume(capsys, files, tmp_path):
    arguments = ["train", files.scene, files.labels, "--out", tmp_path / "run", *QUICK]
    output(capsys, *arguments, "--seed", 3)
    output(capsys, *arguments, "--seed", 3, "--resume")
    output(capsys, *arguments, "--overwrite")
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == (files.run / "model.safetensors").read_bytes()


def test_two_scenes_in_one_run(capsys, files, tmp_path):
    for path in (files.scene, files.labels):  # the same again, somewhere else
        shutil.copy(path, tmp_path / path.name)
        with rasterio.open(tmp_path / path.name, "r+") as file:
            file.transform = Affine.translation(5000, 0) @ file.transform
    output(
        *(capsys, "train", files.scene, files.labels, "--pair", tmp_path / "scene.tif", tmp_path / "labels.tif"),
        *("--out", tmp_path / "run", *QUICK),
    )
    document = json.loads((tmp_path / "run" / "split" / "split.json").read_text())
    assert list(document["scenes"]) == ["scene", "scene_2"]
    assert len(yaml.safe_load((tmp_path / "run" / "config.yaml").read_text())["data"]) == 2


def test_a_fixed_split_from_two_label_files(capsys, files, tmp_path):
    for part in ("train", "test"):
        (tmp_path / f"{part}.tif").write_bytes((files.run / "split" / f"{part}.tif").read_bytes())
    text = output(
        *(capsys, "train", files.scene, tmp_path / "train.tif", "--test-labels", tmp_path / "test.tif"),
        *("--out", tmp_path / "run", "--epochs", 2),
    )
    assert "fixed with no buffer" in text
    with (
        rasterio.open(files.run / "split" / "test.tif") as a,
        rasterio.open(tmp_path / "run" / "split" / "test.tif") as b,
    ):
        assert np.array_equal(a.read(1), b.read(1))


def test_masked_pixels_are_neither_learned_from_nor_mapped(capsys, files, tmp_path):
    with rasterio.open(files.labels) as file:
        profile, shape = file.profile, file.shape
    mask = np.zeros(shape, np.uint8)
    mask[:20] = 1
    profile.update(count=1, dtype="uint8", photometric=None)
    with rasterio.open(tmp_path / "mask.tif", "w", **profile) as file:
        file.write(mask, 1)
    text = output(
        *(capsys, "train", files.scene, files.labels, "--mask", tmp_path / "mask.tif"),
        *("--out", tmp_path / "run", *QUICK),
    )
    assert "without data were left out" in text
    with rasterio.open(tmp_path / "run" / "split" / "train.tif") as file:
        assert not file.read(1)[:20].any()
    output(
        *(capsys, "map", tmp_path / "run", files.scene, "--mask", tmp_path / "mask.tif"),
        *("--out", tmp_path / "map.tif"),
    )
    with rasterio.open(tmp_path / "map.tif") as file:
        classes = file.read(1)
    assert not classes[:20].any()
    assert classes[20:].any()


@pytest.mark.parametrize(("patch_size", "parameters"), [(1, 10114), (3, 32734)])
def test_count_prints_json(capsys, patch_size, parameters):
    arguments = ["--bands", 145, "--classes", 14, "--patch-size", patch_size, "--json"]
    found = json.loads(output(capsys, "count", "spectralmamba", *arguments))
    costs = count_costs(create_model("spectralmamba", n_bands=145, n_classes=14, patch_size=patch_size))
    assert found["parameters"] == parameters
    assert {k: found[k] for k in vars(costs)} == vars(costs)


def test_count_takes_the_models_options(capsys):
    arguments = ["--bands", 145, "--classes", 14, "--patch-size", 1]
    options = ["dim=32", "depth=2", "pooling=mean", "position=none"]
    given = [word for option in options for word in ("--option", option)]
    assert "10,798" in output(capsys, "count", "spectralmamba", *arguments, *given)


def test_info_describes_scene_and_labels(capsys, files):
    text = output(capsys, "info", files.scene, files.labels)
    for part in ("48 × 48 pixels, 24 bands", "EPSG:32633", "nm", "20 bands marked good", "3 classes", "regions"):
        assert part in text


def test_doctor_tests_the_scan(capsys):
    text = output(capsys, "doctor")
    for part in (
        "threads: ",
        "backend reference: plain PyTorch",
        "backend cpu: Numba, on PyTorch's own",
        "backend gpu: ",
        "picked for float32 on cpu: cpu, the fastest that can run",
        "self-test of cpu: ",
    ):
        assert part in text


def test_doctor_names_a_package_that_is_not_there(capsys, monkeypatch):
    monkeypatch.setattr("spectralmamba.cli.doctor.PACKAGES", ("numpy", "no-such-package"))
    assert ", no-such-package not installed" in output(capsys, "doctor")


def test_resuming_a_masked_run_needs_no_mask_again(capsys, files, tmp_path):
    with rasterio.open(files.labels) as file:
        profile = file.profile | {"photometric": None}
        mask = np.zeros(file.shape, np.uint8)
    mask[:10] = 1
    with rasterio.open(tmp_path / "mask.tif", "w", **profile) as file:
        file.write(mask, 1)
    base = ["train", files.scene, files.labels, "--out", tmp_path / "run"]
    output(capsys, *base, "--mask", tmp_path / "mask.tif", *QUICK)
    before = (tmp_path / "run" / "metrics.json").read_text()
    output(capsys, *base, "--resume")
    assert (tmp_path / "run" / "metrics.json").read_text() == before


def test_a_full_disk_is_one_line_and_no_map_and_can_be_resumed(capsys, files, tmp_path, monkeypatch):
    """GDAL swallows what goes wrong when it closes a file; a file cut short must not get its final name."""
    from spectralmamba.scenes import raster

    look = raster._require_written

    def cut_short(path):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) - 200])
        look(path)

    with monkeypatch.context() as patch:
        patch.setattr(raster, "_require_written", cut_short)
        assert spectralmamba(["map", str(files.run), str(files.scene), "--out", str(tmp_path / "map.tif")]) == 2
    line = capsys.readouterr().err
    assert "incomplete" in line
    assert "1 of 1 tiles are kept: --resume goes on" in line
    assert line.count("\n") == 1
    assert not (tmp_path / "map.tif").exists()
    output(capsys, "map", files.run, files.scene, "--out", tmp_path / "map.tif", "--resume")
    assert (tmp_path / "map.tif").exists()


def test_help_and_version(capsys):
    assert "train" in output(capsys, "--help")
    text = output(capsys, "train", "--help")
    assert "--split" in text
    assert "default auto" in text
    assert "spectralmamba 0" in output(capsys, "--version")


def test_the_demo_does_the_whole_job(capsys, tmp_path):
    text = output(capsys, "demo", "--quick", "--out", tmp_path / "demo")
    names = {str(p.relative_to(tmp_path / "demo")) for p in (tmp_path / "demo").rglob("*")}
    assert {"scene.tif", "labels.tif", "map.tif", "confidence.tif", "run/figures/scene.png", "run/report.html"} <= names
    assert "random forest" in text
    assert "spectralmamba" in text
    output(capsys, "demo", "--quick", "--out", tmp_path / "demo")  # may replace its own


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, spectralmamba; sys.exit(any(m in sys.modules for m in ('torch', 'xarray', 'numpy', 'rasterio')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_help_needs_no_pytorch():
    code = "import sys; from spectralmamba.cli.main import run; run(['--help']); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0
