"""Who computes tiles: the same results in any way and order, and errors that come out."""

import pickle
import threading
from dataclasses import dataclass

import numpy as np
import pytest

from spectralmamba.errors import SceneError
from spectralmamba.mapping import map_scene, predict_scene
from spectralmamba.mapping.classification import classify, probabilities
from spectralmamba.mapping.computing import Wanted, compute_tiles
from spectralmamba.mapping.schedule import overlapped
from spectralmamba.mapping.tiles import iterate_tiles
from tests.mapping.fakes import Neighbourhood
from tests.mapping.test_mapper import random_scene

ALL = Wanted(confidence=True, probabilities=True)


def test_overlapped_gives_what_one_after_the_other_gives():
    scene, predictor = random_scene(23, 17), Neighbourhood()
    tiles = list(iterate_tiles(23, 17, 5))
    for a, b in zip(overlapped(predictor, scene, tiles, ALL), compute_tiles(predictor, scene, tiles, ALL), strict=True):
        assert a.tile == b.tile
        assert set(a.arrays) == {"classes", "confidence", "probabilities"}
        for name, values in a.arrays.items():
            assert values.tobytes() == b.arrays[name].tobytes()


def test_arrays_have_the_shapes_and_types_that_are_announced():
    scene, predictor = random_scene(9, 8), Neighbourhood()
    tile = next(iter(iterate_tiles(9, 8, 20)))
    result = next(compute_tiles(predictor, scene, [tile], ALL))
    found = {name: (values.shape, values.dtype) for name, values in result.arrays.items()}
    assert found == ALL.arrays(predictor, 9, 8)
    assert set(Wanted().arrays(predictor, 9, 8)) == {"classes"}


def test_the_probability_of_the_class_is_the_confidence():
    logits = np.random.default_rng(0).normal(size=(4, 6, 7)).astype(np.float32)
    logits[:, 2, 3] = np.nan
    index, confidence = classify(logits, 0.7)
    shares = probabilities(logits, 0.7)
    assert np.array_equal(np.take_along_axis(shares, index[None].clip(0), 0)[0], confidence, equal_nan=True)
    assert np.nansum(shares, axis=0)[0, 0] == pytest.approx(1)
    assert np.isnan(shares[:, 2, 3]).all()


def test_a_schedule_may_give_results_in_any_order_and_from_elsewhere(tmp_path):
    def elsewhere(predictor, scene, tiles, wanted):
        for tile in [*tiles[::2], *tiles[1::2][::-1]]:
            yield from pickle.loads(pickle.dumps(list(compute_tiles(predictor, scene, [tile], wanted))))  # noqa: S301

    scene = random_scene(23, 17)
    for name, schedule in (("here", overlapped), ("elsewhere", elsewhere)):
        map_scene(
            Neighbourhood(),
            scene,
            tmp_path / name / "map.tif",
            confidence=tmp_path / name / "c.tif",
            tile_size=5,
            schedule=schedule,
        )
    for name in ("map.tif", "c.tif"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "elsewhere" / name).read_bytes()


def test_windows_are_read_ahead_of_inference_but_not_far():
    reading, started = [], threading.Event()

    @dataclass(frozen=True, eq=False)
    class Watching(Neighbourhood):
        def logits(self, window):
            started.wait(1)
            seen.append(len(reading))
            return super().logits(window)

    scene, seen = random_scene(40, 8), []
    scene_values = scene.values

    class Watched(type(scene)):
        __slots__ = ()

        def isel(self, *args, **kwargs):
            reading.append(kwargs)
            if len(reading) == 3:
                started.set()
            return super().isel(*args, **kwargs)

    watched = Watched(scene_values, dims=scene.dims, coords=scene.coords, attrs=scene.attrs)
    list(overlapped(Watching(), watched, list(iterate_tiles(40, 8, 8)), Wanted()))
    assert seen[0] >= 2  # the second window was asked for while the first was classified
    assert all(count <= i + 3 for i, count in enumerate(seen))


def test_an_error_of_the_reader_comes_out_and_its_thread_ends():
    class Broken(type(random_scene(4, 4))):
        __slots__ = ()

        def isel(self, *args, **kwargs):
            if kwargs["y"].start > 10:
                raise SceneError("the file is damaged; fetch it again")
            return super().isel(*args, **kwargs)

    scene = random_scene(40, 8)
    broken = Broken(scene.values, dims=scene.dims, coords=scene.coords, attrs=scene.attrs)
    with pytest.raises(SceneError, match="damaged"):
        predict_scene(Neighbourhood(), broken, tile_size=8)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("reader", "writer"))]


def test_windows_are_uploaded_by_the_reader_while_the_last_one_is_classified():
    first, uploads = threading.Event(), []

    @dataclass(frozen=True, eq=False)
    class Elsewhere(Neighbourhood):
        def upload(self, window):
            uploads.append(threading.current_thread().name)
            if len(uploads) == 2:
                first.set()
            return {"on its way": window.copy()}

        def logits(self, window):
            assert first.wait(5)  # the second is on its way before the first is through
            return super().logits(window["on its way"])

    scene = random_scene(23, 17)
    found = predict_scene(Elsewhere(), scene, tile_size=8)
    for a, b in zip(found, predict_scene(Neighbourhood(), scene, tile_size=8), strict=True):
        assert a.tobytes() == b.tobytes()
    assert len(uploads) == 9
    assert all(name.startswith("reader") for name in uploads)


def test_an_error_of_the_upload_comes_out():
    @dataclass(frozen=True, eq=False)
    class Full(Neighbourhood):
        def upload(self, window):
            raise SceneError("no room there; use less")

    with pytest.raises(SceneError, match="no room"):
        predict_scene(Full(), random_scene(9, 9), tile_size=4)
