import dask.array
import numpy as np
import pytest
from xarray.core.indexing import LazilyIndexedArray, NumpyIndexingAdapter

from spectralmamba.scenes.contract import make_scene

from .products import TRANSFORM, cube


def test_integers_become_float32():
    scene = make_scene(cube(), name="a", source="memory")
    assert scene.dtype == np.float32
    assert scene["wavelength"].isnull().all()


def test_dask_stays_lazy():
    scene = make_scene(dask.array.ones((2, 3, 4), dtype=np.int16), name="a", source="memory")
    assert scene.dtype == np.float32
    assert scene.chunks is not None


def test_a_lazily_indexed_array_of_another_type_is_refused():
    lazy = LazilyIndexedArray(NumpyIndexingAdapter(cube()))
    with pytest.raises(TypeError, match="would load it"):
        make_scene(lazy, name="a", source="memory")


def test_georeferencing_and_what_the_reader_carries_over():
    scene = make_scene(
        cube(), name="a", source="memory", crs="EPSG:32633", transform=TRANSFORM, nodata=-1, attrs={"sensor": "EnMAP"}
    )
    assert scene.rio.transform() == TRANSFORM
    assert scene.rio.crs.to_epsg() == 32633
    assert scene.rio.encoded_nodata == -1
    assert scene.attrs == {"source": "memory", "sensor": "EnMAP"}
