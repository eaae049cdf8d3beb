import h5py
import numpy as np
import pytest

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from spectralmamba.scenes import exclusion_counts
from spectralmamba.scenes.mask import with_mask

from . import emit as product

FLAGS = {"Cloud flag": [(3, 2), (3, 3)], "Dilated Cloud Flag": [(3, 3), (3, 4)], "Water flag": [(0, 0)]}


def on_grid(places):
    """Pixels of the grid that see one of these places of the sensor."""
    x, y = (np.abs(part) for part in product.lookup())
    return np.any([(y == line + 1) & (x == column + 1) for line, column in places], axis=0)


def test_the_mask_beside_the_reflectance_leaves_clouds_out(tmp_path):
    path = product.write(tmp_path)
    product.write_mask(tmp_path, FLAGS)
    scene = open_scene(path)
    np.testing.assert_array_equal(scene.excluded, on_grid([(3, 2), (3, 3), (3, 4)]))
    clouds = on_grid(FLAGS["Cloud flag"]).sum()
    assert clouds > 0
    assert exclusion_counts(scene) == {
        "cloud": clouds,
        "cirrus": 0,
        "spacecraft": 0,
        "dilated cloud": on_grid(FLAGS["Dilated Cloud Flag"]).sum(),
    }
    np.testing.assert_allclose(scene.values, product.orthorectified(), rtol=1e-6)
    assert "excluded" not in open_scene(path, quality=False).coords


def test_in_sensor_geometry_the_mask_applies_as_it_is(tmp_path):
    product.write_mask(tmp_path, {"Cirrus flag": [(1, 2)]})
    scene = open_scene(product.write(tmp_path), "reflectance")
    assert np.argwhere(scene.excluded.values).tolist() == [[1, 2]]


def test_a_mask_of_another_version_is_found_by_its_time(tmp_path):
    product.write_mask(tmp_path, FLAGS, "EMIT_L2A_MASK_002_20220903T163129.nc")
    assert open_scene(product.write(tmp_path)).excluded.values.any()


def test_a_mask_of_another_acquisition_is_left_alone_which_is_told(tmp_path, caplog):
    product.write_mask(tmp_path, FLAGS, product.MASK.replace("20220903T163129", "20220903T163141"))
    assert "excluded" not in open_scene(product.write(tmp_path)).coords
    assert "no mask file of its name lies beside the reflectance" in caplog.text


def test_the_folder_of_a_granule_is_its_reflectance(tmp_path):
    product.write(tmp_path)
    product.write_mask(tmp_path, FLAGS)
    assert open_scene(tmp_path).shape == (4, 9, 10)


def test_a_mask_that_is_named_beside_the_products_own_is_counted_apart(tmp_path):
    mask = product.write_mask(tmp_path, FLAGS)
    scene = open_scene(product.write(tmp_path))
    again = with_mask(scene, mask)
    np.testing.assert_array_equal(again.excluded, scene.excluded)
    assert exclusion_counts(again) == exclusion_counts(scene) | {"mask": int(scene.excluded.sum())}


def test_a_mask_elsewhere_can_be_named(tmp_path):
    elsewhere = tmp_path / "masks"
    elsewhere.mkdir()
    mask = product.write_mask(elsewhere, FLAGS, "any_name.nc")
    scene = with_mask(open_scene(product.write(tmp_path)), mask)
    np.testing.assert_array_equal(scene.excluded, on_grid([(3, 2), (3, 3), (3, 4)]))


def test_a_mask_of_another_size_is_refused(tmp_path):
    path = product.write_mask(tmp_path, FLAGS)
    with h5py.File(path, "r+") as file:
        small = file["mask"][:4]
        del file["mask"]
        file["mask"] = small
    with pytest.raises(SceneError, match="fewer lines or columns than the reflectance"):
        open_scene(product.write(tmp_path))


def test_a_mask_without_known_layers_is_refused(tmp_path):
    path = product.write_mask(tmp_path, FLAGS)
    with h5py.File(path, "r+") as file:
        del file["sensor_band_parameters/mask_bands"]
        file["sensor_band_parameters/mask_bands"] = np.array([b"a"] * 8)
    with pytest.raises(SceneError, match="none of the layers cloud flag"):
        open_scene(product.write(tmp_path))
