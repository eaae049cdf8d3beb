import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from spectralmamba.errors import RunError
from spectralmamba.reporting import write_report
from spectralmamba.training import Run

from .pictures import history, metrics_json, model_json, run_in


class Page(HTMLParser):
    """Elements and text of a page; fails where elements are not closed in order."""

    VOID = ("meta", "img", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.sources, self.text = [], [], ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.sources += [value for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += re.sub(r"\s+", " ", data)


def page_of(run: Run) -> Page:
    path = write_report(run)
    assert path == run.report_file
    return Page(path.read_text(encoding="utf-8"))


def test_a_whole_run(tmp_path):
    references = {
        "SVM": {"overall_accuracy": 0.8, "average_accuracy": 0.7, "kappa": None},
        "forest": {"overall_accuracy": 0.9, "average_accuracy": 0.7, "kappa": 0.6},
    }
    costs = {"parameters": 12345, "macs": 67890, "macs_dense": 4321}
    test = json.loads(metrics_json())["test"]
    metrics = metrics_json(
        references=references, costs=costs, validation=test, confidence={"expected_calibration_error": 0.0123}
    )
    run = run_in(tmp_path / "run", model_json=model_json(), metrics_json=metrics, history_csv=history(4))
    (run.figures_folder).mkdir()
    page = page_of(run)
    for text in ("92.50 %", "12,345", "67,890", "4,321", "by <hand>", "<b>roof</b>", "3 of the scene’s 5", "1.23 %"):
        assert text in page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "No test pixel of <b>roof</b>: the average accuracy leaves out 1 of 3 classes." in page.text
    assert page.text.index("forest") < page.text.index("SVM")
    assert "weight_decay: 0.2" in page.text
    assert len(page.sources) == 2
    assert all(source.startswith("data:image/png;base64,") for source in page.sources)
    assert sorted(p.name for p in run.figures_folder.iterdir()) == ["confusion.png", "training.png"]


def test_a_row_for_each_scene(tmp_path):
    test = json.loads(metrics_json())["test"]
    bare = test | {"n_pixels": 1234, "overall_accuracy": 0.5, "average_accuracy": None, "kappa": None}
    metrics = metrics_json(test_scenes={"north <1>": test, "south": bare})
    text = page_of(run_in(tmp_path / "run", model_json=model_json(), metrics_json=metrics)).text
    rows = text.partition("each scene’s test pixels")[2]
    assert f"north <1>{test['n_pixels']:,}92.50" in rows
    assert "south1,23450.00––" in rows
    one = run_in(tmp_path / "one", model_json=model_json(), metrics_json=metrics_json())
    assert "each scene" not in page_of(one).text


def test_further_figures_come_in_order(tmp_path):
    run = run_in(tmp_path / "run", model_json=model_json(), metrics_json=metrics_json(), history_csv=history(4))
    page_of(run)
    picture = (run.figures_folder / "training.png").read_bytes()
    for name in ("zoom", "spectra", "scene_north"):
        (run.figures_folder / f"{name}.png").write_bytes(picture)
    text = page_of(run).text
    order = [text.index(t) for t in ("confidence: north", "Mean spectra", "Loss and", "Confusion matrix", "zoom")]
    assert order == sorted(order)


@pytest.mark.parametrize("present", [(), ("model_json",), ("metrics_json",), ("history_csv",)])
def test_missing_parts(tmp_path, present):
    content = {"model_json": model_json(), "metrics_json": metrics_json(), "history_csv": history(3, validated=False)}
    page = page_of(run_in(tmp_path / "run", **{name: content[name] for name in present}))
    assert ("Training has not ended" in page.text) == ("model_json" not in present)
    assert ("not been evaluated" in page.text) == ("metrics_json" not in present)


def test_missing_entries(tmp_path):
    run = run_in(tmp_path / "run", model_json="{}", metrics_json='{"test": null}', history_csv=history(0))
    assert "not been evaluated" in page_of(run).text


def test_leaks_and_missing_validation_are_said(tmp_path):
    model = json.loads(model_json())
    model["training"]["calibrated_on"] = None
    run = run_in(tmp_path / "run", model_json=json.dumps(model))
    run.split_folder.mkdir()
    leakage = {"test_pixels": 1000, "within_radius": 10, "within_twice_radius": 1000}
    (run.split_folder / "split.json").write_text(json.dumps({"leakage": leakage}))
    page = page_of(run)
    assert "1,000 of 1,000 test pixels share pixels" in page.text
    assert "confidences are not calibrated" in page.text


@pytest.mark.parametrize(
    "files",
    [{"metrics_json": "{"}, {"metrics_json": "[]"}, {"metrics_json": '{"test": {"n": 1}}'}, {"model_json": "["}],
)
def test_damaged_files(tmp_path, files):
    run = run_in(tmp_path / "run", **files)
    with pytest.raises(RunError, match="again") as error:
        write_report(run)
    assert "\n" not in str(error.value)
    assert not run.report_file.exists()


def test_no_run(tmp_path):
    with pytest.raises(RunError, match="no run directory"):
        write_report(Run(tmp_path))


def test_pyplot_stays_out():
    code = (
        "import sys; import spectralmamba.reporting as r; assert 'matplotlib' not in sys.modules; "
        "[getattr(r, n) for n in r.__all__]; assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
