import numpy as np
import pytest

from spectralmamba import simulate_scene
from spectralmamba.errors import OutputError
from spectralmamba.labels import ClassTable
from spectralmamba.reporting import figure_scene
from spectralmamba.reporting.layout import arrange, columns_for
from spectralmamba.reporting.legend import add_class_legend, class_legend_height
from spectralmamba.reporting.maps import class_colours
from spectralmamba.reporting.scale_bar import round_length
from spectralmamba.reporting.style import NO_DATA, new_figure, shorten

from .pictures import has_colour, random_scene, read

TABLE = ClassTable.from_numbers([1, 7, 300], ["crop", "water", "roof"])


def maps(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return rng.choice([1, 7, 300], (height, width)).astype(np.uint16), rng.random((height, width)).astype(np.float32)


def test_the_whole_picture(tmp_path):
    scene, labels = simulate_scene(40, 40, 12, 4)
    classes, confidence = np.where(labels.values > 0, labels.values, 1), np.full(labels.shape, 0.5, np.float32)
    path = tmp_path / "figures" / "scene.png"
    figure_scene(scene, labels, classes, confidence, labels.attrs["classes"], path)
    picture = read(path)
    table = labels.attrs["classes"]
    assert all(has_colour(picture, colour) for number, _, colour in table.classes if (classes == number).any())
    assert has_colour(picture, NO_DATA)
    assert [p.name for p in path.parent.iterdir()] == ["scene.png"]


@pytest.mark.parametrize(
    ("shape", "wide"), [((20, 109), True), ((109, 20), None), ((30, 30), None), ((1, 50), True), ((50, 1), None)]
)
def test_shapes(tmp_path, shape, wide):
    classes, confidence = maps(*shape)
    path = tmp_path / "scene.png"
    figure_scene(random_scene(5, *shape), classes, classes, confidence, TABLE, path)
    height, width = read(path).shape[:2]
    assert 900 <= width <= 1700
    assert 200 <= height <= 2600


def test_what_may_be_missing(tmp_path):
    classes, _ = maps(20, 20)
    path = tmp_path / "scene.png"
    figure_scene(random_scene(5, 20, 20), None, classes, None, TABLE, path)
    two = read(path).shape
    figure_scene(random_scene(5, 20, 20), None, classes, None, TABLE, path, truth=classes)
    assert read(path).shape[0] > two[0]


def test_single_labelled_pixels_can_be_seen(tmp_path):
    labels = np.zeros((1200, 1200), np.uint16)
    labels[600, 600] = 300
    classes = np.ones((1200, 1200), np.uint16)
    figure_scene(random_scene(3, 1200, 1200), labels, classes, None, TABLE, tmp_path / "scene.png")
    rgb = read(tmp_path / "scene.png")[..., :3]
    middle = rgb[: int(rgb.shape[0] * 0.45), rgb.shape[1] // 2 :]  # without the legend
    assert has_colour(middle, TABLE.colours[2])


def test_class_colours():
    rgb = class_colours(np.array([[0, 7, 5]]), TABLE)
    np.testing.assert_array_equal(rgb[0, 0], 1)
    np.testing.assert_array_equal(rgb[0, 2], 1)
    np.testing.assert_allclose(rgb[0, 1] * 255, list(bytes.fromhex(TABLE.colours[1][1:])), atol=1e-4)


def test_pictures_that_cannot_be_written(tmp_path):
    classes, _ = maps(8, 8)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        figure_scene(random_scene(3, 8, 8), None, classes, None, TABLE, tmp_path / "file" / "scene.png")


@pytest.mark.parametrize(("aspect", "count"), [(5.5, 4), (1.0, 4), (1.0, 3), (0.2, 4), (0.02, 4), (40.0, 4), (1.0, 2)])
def test_panels_neither_overlap_nor_leave_the_figure(aspect, count):
    layout = arrange(aspect, count, 0.5)
    for i, (left, bottom, width, height) in enumerate(layout.panels):
        assert width / height == pytest.approx(aspect)
        assert left >= 0
        assert bottom >= 0.5
        assert left + width <= layout.width
        assert bottom + height <= layout.height - 0.25  # room for the title
        for x, y, w, h in layout.panels[:i]:
            assert left >= x + w or x >= left + width or bottom >= y + h + 0.3 or y >= bottom + height + 0.3


def test_columns():
    assert [columns_for(aspect, 4) for aspect in (5.5, 1.0, 0.2)] == [1, 2, 4]


def test_legends_fit():
    names = [f"a class with quite a long name {i}" for i in range(30)]
    table = ClassTable.from_numbers(range(1, 31), names)
    figure = new_figure(8, 6)
    legend = add_class_legend(figure, table, gaps=True)
    box = legend.get_window_extent(figure.canvas.get_renderer())
    assert box.x0 >= 0
    assert box.x1 <= 8 * figure.dpi
    assert len(legend.get_texts()) == 31
    assert class_legend_height(table, 8, gaps=True) > class_legend_height(TABLE, 8, gaps=False) > 0


def test_small_things():
    assert [round_length(x) for x in (1.0, 4.9, 5.0, 1234.0)] == [1.0, 2.0, 5.0, 1000.0]
    assert shorten("abcdef", 4) == "abc…"
    assert shorten("abcd", 4) == "abcd"
