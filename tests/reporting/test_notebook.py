import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import spectralmamba
from spectralmamba import plot_false_colour, plot_map_overlay, plot_spectra
from spectralmamba.errors import ConfigError, LabelError
from spectralmamba.reporting import notebook
from spectralmamba.sampling.label_files import write_label_map
from tests.small import simulated

mpl.use("Agg")


@pytest.fixture
def ax():
    return Figure().subplots()


def images(axes: Axes) -> list[np.ndarray]:
    return [np.asarray(image.get_array()) for image in axes.images]


def test_each_is_one_call_that_gives_its_axes():
    import matplotlib.pyplot as plt

    scene, labels = simulated()
    for axes in (plot_false_colour(scene), plot_spectra(scene, labels), plot_map_overlay(scene, labels)):
        assert isinstance(axes, Axes)
        assert axes.figure.number in plt.get_fignums()  # so that a notebook shows it
    plt.close("all")
    assert {"plot_false_colour", "plot_spectra", "plot_map_overlay"} <= set(spectralmamba.__all__)


def test_a_picture_lies_in_the_scenes_coordinates(ax):
    scene, _ = simulated()
    assert plot_false_colour(scene, ax) is ax
    left, bottom, right, top = scene.rio.bounds()
    assert ax.images[0].get_extent() == [left, right, bottom, top]
    assert ax.get_xlabel() == "x"
    assert "nm" in ax.get_title(loc="left")


def test_without_georeferencing_in_rows_and_columns(ax):
    scene, _ = simulated()
    plot_false_colour(scene.drop_vars(["x", "y", "spatial_ref"]), ax)
    assert ax.images[0].get_extent() == [-0.5, 47.5, 47.5, -0.5]
    assert ax.get_ylabel() == "row"


def test_spectra_by_class_with_gaps_at_bad_bands(ax):
    scene, labels = simulated()
    good = np.ones(24, bool)
    good[10:13] = False
    plot_spectra(scene.assign_coords(good=("band", good)), labels, ax)
    table = labels.attrs["classes"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(table.names)
    assert ax.get_xlabel() == "wavelength (nm)"
    assert ax.get_ylabel() == "reflectance, mean ± std"
    line = ax.lines[0]
    x, y = line.get_xdata(), line.get_ydata()
    assert not np.isin(scene.wavelength.values[10:13], x).any()
    assert np.isnan(y[10])
    first = scene.values[:, labels.values == table.numbers[0]]
    np.testing.assert_allclose(y[:10], np.nanmean(first, axis=1)[:10], rtol=1e-5)


def test_lines_break_where_a_product_has_no_bands(ax):
    scene, labels = simulated()
    wavelength = np.arange(400.0, 640, 10)
    wavelength[12:] += 300
    plot_spectra(scene.assign_coords(wavelength=("band", wavelength), good=("band", np.ones(24, bool))), labels, ax)
    assert np.isnan(ax.lines[0].get_ydata()[12])


def test_of_a_large_class_a_sample_is_read(ax, monkeypatch):
    monkeypatch.setattr(notebook, "MOST_SPECTRA", 20)
    scene, labels = simulated()
    targets = notebook._sampled(labels.attrs["classes"].index_of(labels.values), 3)
    assert all(10 < (targets == index).sum() <= 20 for index in range(3))
    plot_spectra(scene, labels, ax)


def test_labels_cover_the_scene_and_a_map_may_be_a_file(ax, tmp_path):
    scene, labels = simulated()
    plot_map_overlay(scene, labels, ax, opacity=0.5)
    cover = images(ax)[1]
    np.testing.assert_array_equal(cover[..., 3] > 0, labels.values > 0)
    assert cover[..., 3].max() == 0.5
    write_label_map(labels, tmp_path / "map.tif")
    again = Figure().subplots()
    plot_map_overlay(scene, tmp_path / "map.tif", again, opacity=0.5)
    np.testing.assert_array_equal(images(again)[1], cover)


def test_points_are_large_enough_to_be_seen(ax, monkeypatch):
    scene, labels = simulated()
    points = labels.copy(data=np.zeros_like(labels.values))
    points[10, 20] = points[30, 40] = 2
    inches = ax.get_window_extent().width / ax.figure.dpi
    monkeypatch.setattr(notebook, "SMALLEST_DOT", 3 * inches / 48)
    plot_map_overlay(scene, points, ax)
    rows, columns = np.nonzero(images(ax)[1][..., 3])
    assert set(rows) == {9, 10, 11, 29, 30, 31}
    assert set(columns) == {19, 20, 21, 39, 40, 41}


def test_what_does_not_fit_is_refused(ax):
    scene, labels = simulated()
    for plot in (plot_spectra, plot_map_overlay):
        with pytest.raises(LabelError, match="like=scene"):
            plot(scene, labels[:5], ax)
    with pytest.raises(ConfigError, match="opacity 2"):
        plot_map_overlay(scene, labels, ax, opacity=2)
    empty = scene.copy(data=np.full(scene.shape, np.nan, np.float32))
    with pytest.raises(LabelError, match="no labelled pixel has data"):
        plot_spectra(empty, labels, ax)
    with pytest.raises(LabelError, match="no labelled pixel has data"):
        plot_spectra(scene, xr.zeros_like(labels), ax)
