import subprocess
import sys

import numpy as np
import pytest

import spectralmamba
from spectralmamba import SpectralMambaClassifier, open_labels, open_scene, open_spectra
from spectralmamba.errors import LabelError, SceneError

from . import files

ORDER = np.argsort(files.WAVELENGTHS)
FROM_NAMES = ["asphalt", "asphalt", "grass (dry)", "grass (dry)", "water", "water"]


def write(kind, folder):
    if kind == "envi":
        return files.write_envi(folder)
    return (files.write_rows if kind == "rows" else files.write_columns)(folder / "library.csv")


@pytest.mark.parametrize("kind", ["envi", "rows", "columns"])
def test_every_format_gives_the_same_spectra_by_rising_wavelength(tmp_path, kind):
    library = open_spectra(write(kind, tmp_path))
    labelled = np.array(files.CLASSES) != "" if kind == "rows" else np.ones(6, bool)
    np.testing.assert_array_equal(library.X, files.spectra()[labelled][:, ORDER])
    assert library.X.dtype == np.float32
    np.testing.assert_allclose(library.wavelength, files.WAVELENGTHS[ORDER])
    assert library.names.tolist() == np.array(files.NAMES)[labelled].tolist()
    assert library.y.tolist() == (["paved", "paved", "green", "green", "water"] if kind == "rows" else FROM_NAMES)


def test_an_npz_too(tmp_path):
    numbers = np.array([7, 7, 2, 2, 0, 2])
    np.savez(tmp_path / "a.npz", X=files.spectra(), y=numbers, wavelength=files.WAVELENGTHS, plot=np.arange(6))
    library = open_spectra(tmp_path / "a.npz")
    assert library.y.tolist() == ["7", "7", "2", "2", "2"]
    np.testing.assert_array_equal(library.X, files.spectra()[numbers > 0][:, ORDER])
    assert open_spectra(tmp_path / "a.npz", "plot").y.tolist() == list("012345")
    np.savez(tmp_path / "b.npz", X=files.spectra(), y=numbers, class_names=np.array(["green", "paved"]))
    library = open_spectra(tmp_path / "b.npz")
    assert library.y.tolist() == ["paved", "paved", "green", "green", "green"]
    assert np.isnan(library.wavelength).all()


def test_it_trains_a_pixelwise_model(tmp_path):
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(1000, 50, (20, 4)), rng.normal(3000, 50, (20, 4))])
    names = "{" + ",".join([f"dark {i}" for i in range(20)] + [f"bright {i}" for i in range(20)]) + "}"
    library = open_spectra(files.write_envi(tmp_path, X, spectra_names=names))
    model = SpectralMambaClassifier(epochs=2, seed=0).fit(library.X, library.y)
    assert model.predict(library.X).shape == (40,)
    assert set(model.classes_) == {"dark", "bright"}


@pytest.mark.parametrize("kind", ["envi", "rows", "columns"])
def test_as_scene_and_labels_each_spectrum_is_a_pixel_that_touches_no_other(tmp_path, kind):
    path = write(kind, tmp_path)
    scene = open_scene(path)
    labels = open_labels(path, like=scene)
    assert "librar" in scene.attrs["format"] or "spectra" in scene.attrs["format"]
    there = np.isfinite(scene.values).all(axis=0)
    assert there.sum() == 6
    rows, cols = np.nonzero(there)
    distance = np.maximum(np.abs(rows[:, None] - rows), np.abs(cols[:, None] - cols))
    assert distance[~np.eye(6, dtype=bool)].min() == 2
    names = dict(zip(labels.attrs["classes"].numbers, labels.attrs["classes"].names, strict=True))
    found = {tuple(scene.values[:, r, c]): names.get(int(labels.values[r, c]), "") for r, c in np.argwhere(there)}
    classes = files.CLASSES if kind == "rows" else FROM_NAMES
    spectra = files.spectra()[:, ORDER]
    assert found == {tuple(row): name for row, name in zip(spectra, classes, strict=True)}


def test_an_attribute_can_be_chosen(tmp_path):
    path = files.write_envi(tmp_path)
    rows = [[name, *("abcabc"[i], i % 2 + 3)] for i, name in enumerate(files.NAMES)]
    files.write_table(tmp_path / "library.csv", [["spectra names", "letter", "number"], *rows[::-1]])
    with pytest.raises(LabelError, match="attributes letter, number; name the one with the class"):
        open_spectra(path)
    with pytest.raises(LabelError, match="no attribute 'colour'; choose one of: letter, number"):
        open_spectra(path, "colour")
    assert open_spectra(path, "letter").y.tolist() == list("abcabc")
    scene = open_scene(path)
    numbers = open_labels(path, like=scene, attribute="number")
    assert numbers.attrs["classes"].numbers == (3, 4)
    assert open_labels(path, like=scene, attribute="letter").attrs["classes"].names == ("a", "b", "c")
    with pytest.raises(LabelError, match="no attribute 'colour'"):
        open_labels(path, like=scene, attribute="colour")


def test_names_that_give_no_classes(tmp_path):
    names = "{oak, gravel, slate, tin, moss, water}"
    path = files.write_envi(tmp_path, spectra_names=names)
    with pytest.raises(LabelError, match=r"names of its spectra give no classes.*library\.csv beside it"):
        open_spectra(path)
    with pytest.raises(LabelError, match="give no classes"):
        open_labels(path, like=open_scene(path))
    with pytest.raises(LabelError, match="give no classes"):
        open_spectra(files.write_envi(tmp_path, spectra_names=None))


def test_bands_in_water_vapour_and_empty_ones_are_not_good(tmp_path):
    values = np.random.default_rng(0).random((70, 5))
    values[:, 1], values[:, 3] = 0, np.nan
    bands = {"wavelength": [450.0, 550.0, 1400.0, 1600.0, 2200.0], "good": [1, 1, 1, 1, 0]}
    np.savez(tmp_path / "a.npz", X=values, y=np.arange(70) % 2 + 1, **bands)
    assert open_spectra(tmp_path / "a.npz").good.tolist() == [True, False, False, False, False]
    whole = open_spectra(tmp_path / "a.npz", keep_water_vapour=True)
    assert whole.good.tolist() == [True, False, True, False, False]


def test_where_no_band_would_be_left_they_stay_as_the_file_has_them(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.arange(8.0).reshape(4, 2), y=[1, 1, 2, 2], wavelength=[1380.0, 1400.0])
    assert open_spectra(tmp_path / "a.npz").good.all()


def test_without_classes_it_is_said_how_to_add_them(tmp_path):
    path = files.write_table(tmp_path / "a.csv", [[400, 500, 600], [1, 2, 3]])
    with pytest.raises(LabelError, match="add a column called class"):
        open_spectra(path)
    np.savez(tmp_path / "a.npz", X=np.ones((3, 4)))
    with pytest.raises(LabelError, match="save it with an array y"):
        open_spectra(tmp_path / "a.npz")


def test_numbers_of_classes_that_are_stored_as_floating_point_numbers(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.arange(20.0).reshape(5, 4), y=[1.0, 2.0, np.nan, 0.0, 2.0])
    library = open_spectra(tmp_path / "a.npz")
    assert library.y.tolist() == ["1", "2", "2"]
    assert library.X[:, 0].tolist() == [0, 4, 16]


def test_spectra_without_any_class(tmp_path):
    path = files.write_table(tmp_path / "a.csv", [["class", 400, 500, 600], ["", 1, 2, 3]])
    with pytest.raises(LabelError, match="no spectrum has a class"):
        open_spectra(path)
    with pytest.raises(LabelError, match="no spectrum has a class"):
        open_labels(path, like=open_scene(path))


def test_what_is_no_library(tmp_path):
    with pytest.raises(SceneError, match="there is no file"):
        open_spectra(tmp_path / "gone.sli")
    files.write_envi(tmp_path)
    table = files.write_table(tmp_path / "library.csv", [["name", "class"], ["asphalt 1", "paved"]])
    with pytest.raises(SceneError, match=r"belongs to library\.sli; pass that"):
        open_spectra(table)
    (tmp_path / "a.bin").write_bytes(bytes(range(256)))
    np.savez(tmp_path / "a.npz", spectra=np.ones((3, 4)))
    for path in (tmp_path / "a.bin", tmp_path / "a.npz", tmp_path):
        with pytest.raises(SceneError, match=r"holds no spectra: pass .* an \.npz with an array X of spectra"):
            open_spectra(path)


def test_a_scene_of_a_library_has_no_variables(tmp_path):
    with pytest.raises(SceneError, match="holds spectra only"):
        open_scene(files.write_envi(tmp_path), "letter")


def test_it_is_a_public_name():
    assert "open_spectra" in dir(spectralmamba)
    code = "import sys, spectralmamba; spectralmamba.open_spectra; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "attribute", "shape", "counts"),
    [
        ("library_berlin.sli", "level_3", (75, 177), {"roof": 23, "pavement": 15, "soil": 4, "water": 2, "tree": 13}),
        ("roberts2017_urban.sli", "Level_2", (3725, 224), {"GV": 1471, "roof": 972, "turf": 40, "ROCK": 30}),
    ],
)
def test_real_libraries(data_folder, name, attribute, shape, counts):
    library = open_spectra(data_folder / "sensor_io" / "qps" / name, attribute)
    assert library.X.shape == shape
    assert np.isfinite(library.X).all()
    assert (np.diff(library.wavelength) >= 0).all()
    assert 350 < library.wavelength[0] < 500
    assert 2400 < library.wavelength[-1] < 2500
    found = {value: int((library.y == value).sum()) for value in counts}
    assert found == counts


@pytest.mark.real_data
def test_a_spectrum_of_the_berlin_library_is_the_one_of_its_name(data_folder):
    """Vegetation is known by its red edge, water by being darkest in the infrared."""
    library = open_spectra(data_folder / "sensor_io" / "qps" / "library_berlin.sli", "level_3")
    red, infrared = (int(np.abs(library.wavelength - nm).argmin()) for nm in (670, 850))
    ratio = library.X[:, infrared] / library.X[:, red]
    assert ratio[library.y == "tree"].min() > 3
    assert library.X[library.y == "water"][:, infrared].max() < np.median(library.X[:, infrared]) / 2
