"""``count`` beside what has been published."""

import json

import pytest

from spectralmamba.cli.main import run as spectralmamba


def counted(capsys, model, *arguments, bands=145, classes=14):
    capsys.readouterr()
    command = ["count", model, "--bands", str(bands), "--classes", str(classes), *arguments]
    assert spectralmamba(command) == 0
    return capsys.readouterr().out


def test_json_holds_the_published_figures_and_the_differences(capsys):
    found = json.loads(counted(capsys, "casrnn", "--json"))
    assert found["parameters"] == 353_422
    assert found["published"] == {
        "parameters": 353_250,
        "macs": 572.31e6 / 64,
        "source": "arXiv 2404.08489, Botswana",
        "parameters_difference_percent": 0.05,
        "macs_difference_percent": 0.3,
    }


@pytest.mark.parametrize(
    ("model", "bands", "patch_size"), [("casrnn", 145, "1"), ("casrnn", 144, "3"), ("mlp", 145, "3")]
)
def test_where_nothing_is_published_nothing_is_compared(capsys, model, bands, patch_size):
    arguments = ("--patch-size", patch_size)
    assert json.loads(counted(capsys, model, *arguments, "--json", bands=bands))["published"] is None
    assert "published" not in counted(capsys, model, *arguments, bands=bands)


def test_text_says_by_how_much_ours_differs(capsys):
    text = counted(capsys, "spectralformer")
    assert "83,438" in text
    assert "published in arXiv 2404.08489, Botswana: 74,030 parameters (ours +12.7 %)" in text
    assert "10,717,031 MACs (ours −2.8 %)" in text


def test_options_count(capsys):
    options = ["--patch-size", "7", "--option", "configuration=released", "--json"]
    found = json.loads(counted(capsys, "spectralformer", *options))
    assert found["parameters"] == 237_252
    assert found["published"]["parameters"] == 237_000
    assert found["published"]["parameters_difference_percent"] == 0.11
    assert "macs_difference_percent" not in found["published"]
    text = counted(capsys, "spectralformer", *options[:-1])
    assert "published in the code released with arXiv 2107.02988: 237,000 parameters (ours +0.1 %)" in text


def test_a_small_difference_is_not_written_as_none(capsys):
    assert "353,250 parameters (ours +0.05 %)" in counted(capsys, "casrnn")
