import numpy as np
import pytest
import rasterio

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from spectralmamba.scenes import exclusion_counts
from tests.scenes.envi.made import write_envi

from .dlr import write_desis, write_enmap

ALL = {"cloud": 1, "cloud shadow": 2, "cirrus": 3, "haze": 4, "snow": 5}


def as_envi(folder):
    """Write the quality layers of a product again as ENVI images, as the image of BSQ products is."""
    for path in folder.glob("*-QL_QUALITY_*.TIF"):
        with rasterio.open(path) as dataset:
            write_envi(path.with_suffix(".BSQ"), dataset.read(), header=path.with_suffix(".HDR"))
        path.unlink()
    return folder


def test_layers_may_be_envi_images(tmp_path):
    scene = open_scene(as_envi(write_enmap(tmp_path, image="-SPECTRAL_IMAGE.BSQ")))
    assert exclusion_counts(scene) == ALL
    np.testing.assert_array_equal(scene["excluded"][4], [False, True, True, True, True, True])


def test_layers_that_are_not_there_are_named(tmp_path, caplog):
    folder = write_enmap(tmp_path)
    for layer in ("CLOUD", "HAZE"):
        next(folder.glob(f"*-QL_QUALITY_{layer}.TIF")).unlink()
    assert exclusion_counts(open_scene(folder)) == {k: n for k, n in ALL.items() if k not in ("cloud", "haze")}
    assert "no quality layer for cloud, haze lies beside the image" in caplog.text


def test_nothing_is_said_of_layers_that_are_there(tmp_path, caplog):
    open_scene(write_enmap(tmp_path))
    assert "quality" not in caplog.text


def test_a_layer_with_too_few_bands(tmp_path):
    folder = write_desis(tmp_path)
    path = next(folder.glob("*QL_QUALITY-2.tif"))
    with rasterio.open(path) as dataset:
        flags, profile = dataset.read(), dataset.profile
    with rasterio.open(path, "w", **(profile | {"count": 2})) as dataset:
        dataset.write(flags[:2])
    with pytest.raises(SceneError, match="2 bands, which does not go with the image"):
        open_scene(folder)
