import subprocess
import sys

import h5py
import numpy as np
import pytest

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from spectralmamba.scenes import tiles_of

from .products import cube, moved, prisma, write_tiff
from .products.dlr import write_enmap


@pytest.mark.parametrize(
    "content",
    [b"", b"hello, this is text\n", b"\x89PNG\r\n\x1a\n....", b"%PDF-1.7 ....", b"II*\0", b"II*\0" + b"x" * 50],
)
@pytest.mark.parametrize("name", ["a.tif", "a.mat"])
def test_what_is_no_scene(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SceneError) as caught:
        open_scene(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "; " in str(caught.value)


def test_the_content_decides_not_the_extension(tmp_path):
    write_tiff(tmp_path / "a.tif", cube())
    path = (tmp_path / "a.tif").rename(tmp_path / "scene.data")
    assert open_scene(str(path)).shape == (3, 5, 7)


@pytest.mark.parametrize("as_list", [False, True])
def test_a_missing_file(tmp_path, as_list):
    path = tmp_path / "gone.tif"
    with pytest.raises(SceneError, match=r"there is no file or folder .*gone\.tif"):
        open_scene([path] if as_list else path)


def test_an_empty_folder_and_an_empty_list(tmp_path):
    with pytest.raises(SceneError, match="holds no scene"):
        open_scene(tmp_path)
    with pytest.raises(SceneError, match="list of tiles is empty"):
        open_scene([])


def test_a_product_inside_a_folder_of_its_own_is_opened(tmp_path):
    folder = write_enmap(tmp_path / "archive" / "product")
    inside, outside = open_scene(folder), open_scene(tmp_path / "archive")
    assert outside.attrs["source"] == inside.attrs["source"]
    assert outside.name == inside.name


def test_products_and_zarr_stores_in_a_folder_are_its_tiles(tmp_path):
    pytest.importorskip("zarr")
    for name, columns in (("a", 0), ("b", 7)):
        scene = open_scene(write_tiff(tmp_path / f"{name}.tif", cube(), transform=moved(0, columns)))
        scene.to_zarr(tmp_path / "tiles" / f"{name}.zarr", consolidated=False)
    whole = open_scene(tmp_path / "tiles")
    assert whole.shape == (3, 5, 14)
    assert [tile["name"] for tile in tiles_of(whole)] == ["a.zarr", "b.zarr"]


def test_prisma_is_told_from_matlab_under_any_name(tmp_path):
    assert open_scene(prisma.write(tmp_path / "a.mat")).attrs["format"] == "PRISMA L2D"


def test_what_comes_with_an_emit_scene_is_none(tmp_path):
    with h5py.File(tmp_path / "EMIT_L2A_MASK_001_20220903T163129_2224611_012.nc", "w") as file:
        file["mask"] = np.zeros((2, 2, 1), np.float32)
        file["sensor_band_parameters/mask_bands"] = np.array([b"Cloud flag"])
    with pytest.raises(SceneError, match=r"comes with a scene of EMIT's .*; pass EMIT_L2A_RFL"):
        open_scene(next(tmp_path.iterdir()))


def test_a_label_raster_among_the_tiles_is_named(tmp_path):
    write_tiff(tmp_path / "a.tif", cube())
    write_tiff(tmp_path / "labels.tif", cube(1))
    with pytest.raises(SceneError, match=r"labels\.tif is not a hyperspectral scene"):
        open_scene(tmp_path)


def test_importing_the_place_loads_no_raster_library():
    code = "import sys, spectralmamba.scenes, spectralmamba.labels; assert 'rasterio' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_name_is_an_attribute_error():
    import spectralmamba.scenes

    with pytest.raises(AttributeError, match="nonsense"):
        _ = spectralmamba.scenes.nonsense
    assert "open_scene" in dir(spectralmamba.scenes)
