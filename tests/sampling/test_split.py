import json

import numpy as np
import pytest
import rasterio
from affine import Affine

from spectralmamba import simulate_scene
from spectralmamba.errors import SplitError
from spectralmamba.sampling import SceneSplit, Split, make_split
from spectralmamba.sampling.split import PARTS, only_where

from .problems import distances, label_map, patchwork, points, problem, same


@pytest.mark.parametrize("recipe", ["random", "blocks"])
@pytest.mark.parametrize("radius", [0, 1, 3])
def test_leakage_by_trying_all_pairs(recipe, radius):
    maps = label_map(points(50, n=150)), label_map(patchwork(30, seed=1))
    split = make_split(problem(*maps, recipe=recipe, radius=radius, train_fraction=0.2, buffer=1))
    apart = np.concatenate([distances(s.test.values > 0, s.train.values > 0) for s in split.scenes.values()])
    leak = split.leakage()
    assert leak.test_pixels == apart.size == split.total("test")
    assert leak.within_radius == (apart <= radius).sum()
    assert leak.within_twice_radius == (apart <= 2 * radius).sum()
    learned = [(s.train.values > 0) | (s.validation.values > 0) for s in split.scenes.values()]
    far = [distances(s.test.values > 0, mask) for s, mask in zip(split.scenes.values(), learned, strict=True)]
    assert leak.learned_within_radius == sum((d <= radius).sum() for d in far)
    assert leak.learned_within_twice_radius == sum((d <= 2 * radius).sum() for d in far)
    assert f"{leak.within_radius} lie within r = {radius} and {leak.within_twice_radius} within" in split.describe()
    assert split.describe().startswith(f"{recipe} with a buffer of 1 pixels")


def test_validation_pixels_near_test_pixels_are_told_where_there_are_any():
    row = np.arange(9)
    train, validation, test = (label_map([np.where(row == place, 1, 0)]) for place in (0, 3, 4))
    near = Split({"a": SceneSplit(train, validation, test)}, "fixed", 0, 1, 0).describe()
    assert near.endswith("0 lie within r = 1 and 0 within 2r = 2 of a training pixel "
                         "(1 and 1 of a training or validation pixel)")  # fmt: skip
    far = Split({"a": SceneSplit(train, label_map([np.where(row == 8, 1, 0)]), test)}, "fixed", 0, 1, 0).describe()
    assert far.endswith("of a training pixel")


def test_counts():
    split = Split({"a": SceneSplit(*(label_map([[i, 0, 300]][: 1 if i else 0] or [[0, 0, 0]], np.uint16)
                                    * (np.arange(3) == j) for i, j in ((5, 0), (0, 1), (5, 2))))},
                  "fixed", 0, 1, 0)  # fmt: skip
    assert split.counts() == {"train": {5: 1}, "validation": {}, "test": {300: 1}}
    assert [split.total(part) for part in PARTS] == [1, 0, 1]
    assert "no buffer" in split.describe()


def test_parts_have_to_be_disjoint_and_of_one_size():
    one = label_map([[1, 0]])
    with pytest.raises(SplitError, match="two parts"):
        SceneSplit(one, label_map([[0, 0]]), one)
    with pytest.raises(SplitError, match="different sizes"):
        SceneSplit(one, label_map([[0, 0]]), label_map([[0], [1]]))


def test_only_where_keeps_the_type():
    kept = only_where(label_map([[1, 300]], np.uint16), np.array([[False, True]]))
    assert kept.dtype == np.uint16
    assert kept.values.tolist() == [[0, 300]]


def test_round_trip_without_crs(tmp_path):
    maps = [label_map(patchwork(numbers=(1, 7, 70_000), seed=i), np.uint32) for i in range(2)]
    split = make_split(problem(*maps, recipe="regions", seed=3))
    split.save(tmp_path / "split")
    again = Split.load(tmp_path / "split")
    assert same(split, again)
    assert again.counts() == split.counts()
    assert again.leakage() == split.leakage()
    for name in ("recipe", "seed", "radius", "buffer", "details"):
        assert getattr(again, name) == getattr(split, name)
    for key, scene in split.scenes.items():
        for part in PARTS:
            assert again.scenes[key].part(part).dtype == scene.part(part).dtype
            assert again.scenes[key].part(part).rio.crs is None


def test_round_trip_with_crs_and_colours(tmp_path):
    _, labels = simulate_scene(60, 50, 8, 3)
    split = make_split(problem(labels, recipe="random"))
    split.save(tmp_path)
    again = Split.load(tmp_path)
    assert same(split, again)
    assert again.scenes["a"].train.rio.crs == labels.rio.crs
    assert again.scenes["a"].train.rio.transform() == labels.rio.transform()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["split.json", "test.tif", "train.tif", "validation.tif"]
    with rasterio.open(tmp_path / "train.tif") as file:
        assert file.nodata == 0
        colours = labels.attrs["classes"].colours
        assert file.colormap(1)[1][:3] == tuple(bytes.fromhex(colours[0][1:]))
    document = json.loads((tmp_path / "split.json").read_text())
    assert document["counts"]["train"]["1"] == split.counts()["train"][1]
    assert document["leakage"]["test_pixels"] == split.total("test")


def test_round_trip_of_a_rotated_grid(tmp_path):
    transform = Affine.translation(4e5, 5e6) * Affine.rotation(30) * Affine.scale(4, -4)
    labels = label_map(patchwork(40)).rio.write_crs("EPSG:32633").rio.write_transform(transform)
    split = make_split(problem(labels, recipe="random"))
    split.save(tmp_path)
    np.testing.assert_allclose(Split.load(tmp_path).scenes["a"].test.rio.transform(), transform)


def saved(folder):
    make_split(problem(label_map(patchwork(40)), recipe="random")).save(folder)
    return folder


def test_a_missing_split(tmp_path):
    with pytest.raises(SplitError, match="no readable split"):
        Split.load(tmp_path)


def test_another_format(tmp_path):
    document = json.loads((saved(tmp_path) / "split.json").read_text())
    (tmp_path / "split.json").write_text(json.dumps(document | {"format": 99}))
    with pytest.raises(SplitError, match="format 99; this version reads 1"):
        Split.load(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"7", b"\xff\xfe", b'{"format": 1}', b'{"format": 1, "scenes": []}',
                b'{"format": 1, "scenes": {"a": {"train": "train.tif"}}}']
)  # fmt: skip
def test_a_damaged_description(tmp_path, content):
    (saved(tmp_path) / "split.json").write_bytes(content)
    with pytest.raises(SplitError) as error:
        Split.load(tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("damage", ["gone", "cut", "text"])
def test_a_damaged_label_map(tmp_path, damage):
    path = saved(tmp_path) / "test.tif"
    content = path.read_bytes()
    path.unlink()
    if damage != "gone":
        path.write_bytes(content[: len(content) // 2] if damage == "cut" else b"no picture")
    with pytest.raises(SplitError, match=r"test\.tif") as error:
        Split.load(tmp_path)
    assert "\n" not in str(error.value)
