"""Splits by scene: what is held out is a scene or nothing of it, and no class is held out with it."""

import numpy as np
import pytest

from spectralmamba import split_scenes
from spectralmamba.errors import ConfigError, SplitError
from spectralmamba.sampling import Split, make_split
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.split import PARTS
from tests.sampling.problems import check, label_map, parts_of, patchwork, problem, same


def scenes(n: int, numbers: tuple[int, ...] = (1, 2, 3)):
    return [label_map(patchwork(30, numbers, seed=i)) for i in range(n)]


def part_of(split: Split, key: str) -> set[str]:
    return {PARTS[number] for number in np.unique(parts_of(split.scenes[key])) if number >= 0}


@pytest.mark.parametrize("n", [2, 3, 4, 6])
@pytest.mark.parametrize("seed", range(3))
def test_scenes_are_held_out_whole_and_every_class_is_learned(n, seed):
    maps = scenes(n)
    split = make_split(problem(*maps, recipe="scenes", seed=seed))
    check(split, dict(zip("abcdef", maps, strict=False)))
    held_out = {key for key in split.scenes if "test" in part_of(split, key)}
    assert held_out == set(split.details["test_scenes"])
    assert 0 < len(held_out) < n
    for key, labels in zip(split.scenes, maps, strict=True):
        if key in held_out:
            assert part_of(split, key) == {"test"}
            assert np.array_equal(split.scenes[key].test.values, labels.values)
    assert set(split.counts()["train"]) == {1, 2, 3}
    assert split.leakage().within_twice_radius == 0
    assert split.details["buffered_pixels"] == 0


def test_the_share_to_test_on_is_met_as_nearly_as_whole_scenes_can():
    shares = [
        len(make_split(problem(*scenes(6), recipe="scenes", train_fraction=f)).details["test_scenes"])
        for f in (0.2, 0.5, 0.85)
    ]
    assert shares == [5, 3, 1]


def test_validation_is_a_scene_where_three_are_left_and_regions_of_them_otherwise():
    few, many = (make_split(problem(*scenes(n), recipe="scenes")) for n in (3, 6))
    assert few.details["validation_scenes"] == []
    assert few.details["validation"] == "regions"
    learned = [key for key in few.scenes if key not in few.details["test_scenes"]]
    assert all(part_of(few, key) == {"train", "validation"} for key in learned)
    (key,) = many.details["validation_scenes"]
    assert part_of(many, key) == {"validation"}
    none = make_split(problem(*scenes(6), recipe="scenes", validation_fraction=0.0))
    assert none.total("validation") == 0


def test_named_scenes_are_held_out_and_the_sentence_names_them():
    asked = {"test_scenes": ("c", "a"), "validation_scenes": ("d",)}
    split = make_split(problem(*scenes(5), recipe="scenes", **asked))
    assert [part_of(split, key) for key in "abcde"] == [{"test"}, {"train"}, {"test"}, {"validation"}, {"train"}]
    assert "tested on a, c; selected with d" in split.describe()
    drawn = make_split(problem(*scenes(5), recipe="scenes", validation_scenes=("d",)))
    assert part_of(drawn, "d") == {"validation"}
    assert drawn.total("test") > 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("train_fraction", [0.2, 0.6])
def test_a_scene_that_alone_has_a_class_is_learned_from(seed, train_fraction):
    rare = label_map(patchwork(30, (1, 2, 3, 9)))
    maps = [rare, *scenes(2)]
    split = make_split(problem(*maps, recipe="scenes", seed=seed, train_fraction=train_fraction))
    assert "a" not in split.details["test_scenes"]
    assert 9 in split.counts()["train"]


def test_scenes_without_labels_are_not_tested_on():
    empty = label_map(np.zeros((30, 30)))
    for seed in range(5):
        split = make_split(problem(empty, *scenes(2), recipe="scenes", seed=seed))
        assert "a" not in split.details["test_scenes"]


def test_the_same_seed_makes_the_same_split_and_it_can_be_read_again(tmp_path):
    one, again, other = (make_split(problem(*scenes(6), recipe="scenes", seed=seed)) for seed in (3, 3, 4))
    assert same(one, again)
    assert not same(one, other)
    one.save(tmp_path / "split")
    kept = Split.load(tmp_path / "split")
    assert same(one, kept)
    assert kept.details == one.details
    assert kept.describe() == one.describe()


def test_the_function_takes_label_maps_by_scene():
    maps = dict(zip(("north", "south"), scenes(2), strict=True))
    split = split_scenes(maps, radius=1, test_scenes=("south",))
    assert part_of(split, "south") == {"test"}
    assert (split.buffer, split.recipe) == (2, "scenes")


@pytest.mark.parametrize(
    ("maps", "asked", "reason"),
    [
        (scenes(1), {}, "one scene with labels"),
        ([label_map(np.zeros((9, 9))), *scenes(1)], {}, "one scene with labels"),
        (scenes(3), {"test_scenes": ("z",)}, "no scene 'z'.*a, b, c"),
        (scenes(3), {"test_scenes": ("a",), "validation_scenes": ("a",)}, "scene a is to be tested on and selected"),
        (scenes(2), {"test_scenes": ("a",), "validation_scenes": ("b",)}, "none is left to learn from"),
        (scenes(2), {"validation_scenes": ("b",)}, "one scene is left to learn from and to test on"),
        ([*scenes(1), *scenes(1, (1, 7, 9))], {}, "each scene alone has some class"),
        ([*scenes(1), *scenes(1, (1, 7, 9))], {"test_scenes": ("b",)}, "7 class 7, 9 class 9.*--drop-class 7 --drop"),
    ],
)
def test_what_cannot_be_held_out_is_refused(maps, asked, reason):
    with pytest.raises(SplitError, match=reason):
        make_split(problem(*maps, recipe="scenes", **asked))


def test_scenes_to_hold_out_go_with_the_recipe():
    with pytest.raises(ConfigError, match="--split scenes"):
        SplitOptions(recipe="blocks", test_scenes=("a",))
