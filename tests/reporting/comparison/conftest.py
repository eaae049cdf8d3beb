import pytest

from spectralmamba.reporting.comparison import sheet


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are written, as matplotlib has them."""
    figures = []
    right = sheet.save_figure
    monkeypatch.setattr(sheet, "save_figure", lambda figure, path: figures.append(figure) or right(figure, path))
    return figures
