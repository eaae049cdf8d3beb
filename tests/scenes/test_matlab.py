import numpy as np
import pytest

from spectralmamba import open_scene
from spectralmamba.errors import SceneError

from .products import cube, cut, write_mat5, write_mat73

ROWS_COLS_BANDS = cube().transpose(1, 2, 0)

both_versions = pytest.mark.parametrize("write", [write_mat5, write_mat73])


@both_versions
def test_the_one_cube_of_a_file(tmp_path, write):
    path = write(tmp_path / "salinas.mat", salinas=ROWS_COLS_BANDS, gt=np.ones((5, 7), np.uint8))
    scene = open_scene(path)
    assert scene.name == "salinas"
    assert scene.dims == ("band", "y", "x")
    assert scene.dtype == np.float32
    np.testing.assert_array_equal(scene.values, cube())
    assert scene.rio.crs is None
    assert scene["good"].all()


@both_versions
def test_several_cubes_need_a_choice(tmp_path, write):
    path = write(tmp_path / "a.mat", one=ROWS_COLS_BANDS, two=ROWS_COLS_BANDS + 1)
    with pytest.raises(SceneError, match=r"variable=… with one of: one 5 × 7 × 3, two 5 × 7 × 3"):
        open_scene(path)
    np.testing.assert_array_equal(open_scene(path, variable="two").values, cube() + 1)
    with pytest.raises(SceneError, match=r"called 'three'; choose one of: one 5 × 7 × 3, two"):
        open_scene(path, variable="three")


@both_versions
def test_bands_times_pixels_with_the_size_beside_it(tmp_path, write):
    column_major = ROWS_COLS_BANDS.reshape(-1, 3, order="F").T
    endmembers = np.ones((3, 4))
    path = write(tmp_path / "a.mat", Y=column_major, M=endmembers, nRow=np.array([[5]]), nCol=np.array([[7]]))
    np.testing.assert_array_equal(open_scene(path).values, cube())
    np.testing.assert_array_equal(open_scene(path, variable="Y").values, cube())


@both_versions
def test_missing_values_of_a_float_cube_stay_nan(tmp_path, write):
    values = ROWS_COLS_BANDS.astype(np.float64)
    values[1, 2] = np.nan
    scene = open_scene(write(tmp_path / "a.mat", cube=values))
    assert scene.isnull().values[:, 1, 2].all()
    assert int(scene.isnull().sum()) == 3


@both_versions
@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"gt": np.ones((5, 7))}, "holds no 3-D numeric array"),
        ({"thin": np.ones((5, 7, 3, 2))}, "holds no 3-D numeric array"),
        ({"cube": np.ones((5, 7, 3), np.complex64)}, r"real numbers|holds no 3-D"),
    ],
)
def test_files_without_a_cube(tmp_path, write, arrays, message):
    with pytest.raises(SceneError, match=message):
        open_scene(write(tmp_path / "a.mat", **arrays))


def test_hdf5_without_the_header_of_matlab(tmp_path):
    path = write_mat73(tmp_path / "with.mat", cube=ROWS_COLS_BANDS)
    bare = tmp_path / "bare.mat"
    import h5py

    with h5py.File(path) as source, h5py.File(bare, "w") as target:
        source.copy("cube", target)
    np.testing.assert_array_equal(open_scene(bare).values, cube())


@both_versions
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_file(tmp_path, write, share):
    noise = np.random.default_rng(0).random((20, 30, 10))
    path = cut(write(tmp_path / "a.mat", cube=noise), share)
    with pytest.raises(SceneError) as caught:
        open_scene(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("header", [b"MATLAB 5.0 MAT-file", b"MATLAB 7.3 MAT-file"])
def test_garbage_after_a_good_header(tmp_path, header):
    path = tmp_path / "a.mat"
    garbage = np.random.default_rng(1).integers(0, 256, 4000, dtype=np.uint8).tobytes()
    path.write_bytes(header.ljust(124) + b"\x00\x01IM" + garbage)
    with pytest.raises(SceneError, match="cannot be read as a MATLAB file"):
        open_scene(path)


@pytest.mark.real_data
def test_real_files(data_folder):
    assert open_scene(data_folder / "salinas_a/SalinasA_corrected.mat").shape == (204, 83, 86)
    assert open_scene(data_folder / "jasper_ridge/jasperRidge2_R198.mat").shape == (198, 100, 100)
    assert open_scene(data_folder / "samson/samson_1.mat").shape == (156, 95, 95)
