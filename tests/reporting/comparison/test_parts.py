"""Numbers, measured text, places of labels, tilings: what the figures are made of."""

import numpy as np
import pytest

from spectralmamba.reporting.comparison.accuracy_macs import marker_share
from spectralmamba.reporting.comparison.figures import between, compact, ranges, round_down
from spectralmamba.reporting.comparison.label_places import Boxes, place_labels
from spectralmamba.reporting.comparison.swatches import AFTER, Swatch, swatch_rows
from spectralmamba.reporting.comparison.text import fit, text_width, wrap
from spectralmamba.reporting.comparison.tiling import GAP, TALLEST, tile


def test_numbers_are_written_shortly():
    values = (0, 512, 999, 999.6, 1000, 32734, 99_949, 260_970, 999_900, 8.97e6, 1.5e9)
    assert [compact(value) for value in values] == [
        "0", "512", "999", "1 K", "1 K", "32.7 K", "99.9 K", "261 K", "1 M", "8.97 M", "1.5 G",
    ]  # fmt: skip
    assert [ranges(numbers) for numbers in ([3, 0, 1, 2], [0], [0, 1], [4, 0, 7, 8, 9], [])] == [
        "0–3", "0", "0, 1", "0, 4, 7–9", "",
    ]  # fmt: skip
    assert [round_down(value) for value in (1.0, 4.9, 5.0, 0.03, 99_999)] == [1.0, 2.0, 5.0, 0.02, 50_000]
    assert between(15, 600) == [20, 50, 100, 200, 500]


def test_text_is_broken_and_cut_to_a_width():
    text = "Split (first seed and fold): blocks with a buffer of 4 pixels " * 3
    lines = wrap(text, 2.0, 8)
    assert " ".join(lines) == text.strip()
    assert all(text_width(line, 8) <= 2.0 for line in lines)
    assert wrap("unbreakable", 0.1, 8) == ["unbreakable"]
    assert wrap("", 1, 8) == []
    assert text_width("model", 8, bold=True) > text_width("model", 8) > 0
    assert fit("short", 2.0, 8) == "short"
    cut = fit("a name that is far too long for its column", 1.0, 8)
    assert cut.endswith("…")
    assert text_width(cut, 8) <= 1.0


def test_swatches_fill_rows_in_order():
    swatches = [Swatch(f"class number {i}") for i in range(20)]
    rows = swatch_rows(swatches, 4.0)
    assert [swatch for row in rows for swatch in row] == swatches
    assert all(sum(swatch.width for swatch in row) - AFTER <= 4.0 for row in rows)
    assert len(swatch_rows(swatches, 0.1)) == 20


@pytest.mark.parametrize("seed", range(4))
def test_labels_cover_neither_one_another_nor_markers(seed):
    rng = np.random.default_rng(seed)
    points = rng.uniform([60, 40], [440, 300], (18, 2))
    radii, sizes = rng.uniform(2, 12, 18), np.column_stack([rng.uniform(20, 90, 18), np.full(18, 10.0)])
    whisker = np.array([[100.0, 50, 105, 250]])
    places = place_labels(points, radii, sizes, (0, 0, 500, 340), whisker)
    boxes = np.column_stack([places - sizes / 2, places + sizes / 2])
    markers = np.column_stack([points - radii[:, None], points + radii[:, None]])
    for i, box in enumerate(boxes):
        assert Boxes(np.delete(boxes, i, axis=0)).overlap(box) == 0
        assert Boxes(np.concatenate([markers, whisker])).overlap(box) == 0
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= [500, 340]).all()


def test_a_label_alone_stands_beside_its_marker():
    (place,) = place_labels(np.array([[50.0, 50]]), np.array([5.0]), np.array([[30.0, 10]]), (0, 0, 200, 100))
    assert place[1] == 50
    assert 50 + 5 <= place[0] - 15 <= 50 + 5 + 3
    assert len(place_labels(np.empty((0, 2)), np.empty(0), np.empty((0, 2)), (0, 0, 1, 1))) == 0


def test_markers_of_one_size_have_one_area():
    assert marker_share("s") == pytest.approx(1)
    assert marker_share("o") == pytest.approx(np.pi / 4, rel=0.01)
    assert marker_share("^") == pytest.approx(0.5)
    assert all(0.3 < marker_share(marker) <= 1.01 for marker in "DvPX")


@pytest.mark.parametrize("aspect", [5.5, 1.0, 0.17])
@pytest.mark.parametrize("count", [4, 9, 19])
def test_pictures_are_as_large_as_the_page_allows_and_apart(aspect, count):
    tiling = tile(aspect, count, 10.0, 0.4)
    assert tiling.columns * tiling.rows >= count
    assert tiling.width / tiling.height == pytest.approx(aspect)
    assert tiling.used <= 10.0 + 1e-9
    assert tiling.total <= TALLEST + 1e-6
    places = [tiling.place(i) for i in range(count)]
    for i, (left, bottom) in enumerate(places):
        assert 0 <= left <= 10 - tiling.width + 1e-9
        assert bottom >= 0
        for x, y in places[:i]:
            apart = tiling.height + tiling.heading + GAP
            assert abs(left - x) >= tiling.width + GAP - 1e-9 or abs(bottom - y) >= apart - 1e-9
    assert tiling.width > 0.6
