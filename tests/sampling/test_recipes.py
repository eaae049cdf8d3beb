import numpy as np
import pytest

from spectralmamba import simulate_scene
from spectralmamba.errors import LabelError, SplitError
from spectralmamba.sampling import make_split
from spectralmamba.sampling.groups import block_groups, region_groups
from spectralmamba.sampling.problem import choose_recipe
from spectralmamba.sampling.split import PARTS

from .problems import check, check_distance, label_map, parts_of, patchwork, points, problem, same

MAPS = {
    "fields": patchwork(),
    "points": points(),
    "dense": np.kron(np.random.default_rng(0).integers(1, 4, (12, 12)), np.ones((5, 5), int)),
    "strip": np.kron(np.random.default_rng(1).integers(0, 3, (1, 60)), np.ones((2, 5), int)),
    "numbers": patchwork(numbers=(7, 300, 65_000)),
}


def labels_of(name: str):
    return label_map(MAPS[name], np.uint16)


def undivided(groups: np.ndarray, parts: np.ndarray) -> bool:
    """Whether the pixels of each group are all in one part, or in none."""
    return all(len(np.unique(parts[(groups == g) & (parts >= 0)])) <= 1 for g in range(1, groups.max() + 1))


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("recipe", ["auto", "regions", "blocks", "random"])
@pytest.mark.parametrize("radius", [0, 2])
def test_every_recipe(name, recipe, radius):
    labels = labels_of(name)
    split = make_split(problem(labels, radius=radius, recipe=recipe))
    check(split, {"a": labels})
    counts = split.counts()
    assert set(counts["train"]) == set(np.unique(labels)) - {0}
    assert counts["test"]
    assert split.radius == radius
    if recipe == "random":
        assert split.buffer == 0
        assert sum(split.total(part) for part in PARTS) == (labels.values > 0).sum()
    else:
        assert split.buffer == 2 * radius
        check_distance(split, 2 * radius + 1)
        assert split.leakage().within_twice_radius == (0 if radius else split.leakage().within_radius)
        dropped = (labels.values > 0).sum() - sum(split.total(part) for part in PARTS)
        assert dropped == split.details["buffered_pixels"]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("recipe", ["auto", "regions", "blocks"])
def test_simulated_labels(recipe, seed):
    _, labels = simulate_scene(100, 100, 8, 5, seed)
    split = make_split(problem(labels, recipe=recipe, seed=seed))
    check(split, {"a": labels})
    check_distance(split, 5)
    assert all(set(split.counts()[part]) == set(range(1, 6)) for part in ("train", "test"))


@pytest.mark.parametrize("name", ["fields", "dense", "points"])
def test_regions_and_blocks_are_never_divided(name):
    labels = labels_of(name)
    split = make_split(problem(labels, recipe="regions"))
    assert undivided(region_groups(labels.values), parts_of(split.scenes["a"]))
    split = make_split(problem(labels, recipe="blocks", block_size=8, radius=1))
    assert split.details["block_size"] == 8
    assert undivided(block_groups(labels.values, 8), parts_of(split.scenes["a"]))


def test_test_pixels_are_never_dropped():
    labels = labels_of("fields")
    wide, none = (make_split(problem(labels, recipe="regions", buffer=b)) for b in (3, 0))
    if wide.details["draw"] == none.details["draw"]:
        np.testing.assert_array_equal(wide.scenes["a"].test, none.scenes["a"].test)
    regions = region_groups(labels.values)
    in_test = np.unique(regions[wide.scenes["a"].test.values > 0])
    assert wide.total("test") == np.isin(regions, in_test).sum()
    assert none.details["buffered_pixels"] == 0


@pytest.mark.parametrize(("train", "validation"), [(0.6, 0.2), (0.3, 0.5), (0.5, 0.0)])
@pytest.mark.parametrize("recipe", ["regions", "blocks", "random"])
def test_fractions(recipe, train, validation):
    labels = label_map(patchwork(240, field=4))
    options = {"train_fraction": train, "validation_fraction": validation, "recipe": recipe}
    if recipe == "blocks":
        options["block_size"] = 16  # the size chosen otherwise leaves few blocks, which divide less evenly
    split = make_split(problem(labels, radius=0, **options))
    total = (labels.values > 0).sum()
    assert split.total("test") / total == pytest.approx(1 - train, abs=0.05)
    assert split.total("validation") / total == pytest.approx(train * validation, abs=0.05)
    assert validation > 0 or split.total("validation") == 0


@pytest.mark.parametrize("validation", [0.0, 0.2])
def test_random_counts(validation):
    labels = labels_of("fields")
    sizes = dict(zip(*np.unique(labels.values[labels.values > 0], return_counts=True), strict=True))
    split = make_split(problem(labels, recipe="random", train_count=20, validation_fraction=validation))
    counts = split.counts()
    for number, size in sizes.items():
        assert counts["train"][number] == 20 - round(20 * validation)
        assert counts["test"][number] == size - 20
    assert sum(counts["validation"].values()) == 3 * round(20 * validation)


def test_random_leaves_something_of_small_classes():
    values = patchwork()
    values[values == 3] = 0
    values[59, 58:] = 3
    split = make_split(problem(label_map(values), recipe="random", train_fraction=0.999))
    assert split.counts()["train"][3] == split.counts()["test"][3] == 1
    assert split.counts()["test"][1] >= 1


def test_random_refuses_a_count_that_leaves_nothing_to_test_on():
    labels = label_map(patchwork())
    smallest = min((labels.values == k).sum() for k in (1, 2, 3))
    with pytest.raises(SplitError, match="--train-count"):
        make_split(problem(labels, recipe="random", train_count=int(smallest)))


def test_random_is_buffered_on_request():
    split = make_split(problem(labels_of("fields"), recipe="random", train_fraction=0.9, radius=1, buffer=1))
    check_distance(split, 2)


@pytest.mark.parametrize("recipe", ["regions", "blocks", "random"])
def test_seeds(recipe):
    labels = labels_of("fields")
    one, again, other = (make_split(problem(labels, recipe=recipe, seed=s)) for s in (1, 1, 2))
    assert same(one, again)
    assert not same(one, other)
    assert one.seed == 1


@pytest.mark.parametrize("recipe", ["auto", "regions", "blocks", "random", "tiles"])
def test_several_scenes(recipe):
    maps = [label_map(patchwork(40, seed=i), np.uint16) for i in range(5)]
    maps[1] = label_map(np.zeros((9, 30)), np.uint16)  # without a label
    split = make_split(problem(*maps, recipe=recipe))
    check(split, dict(zip("abcde", maps, strict=True)))
    assert set(split.counts()["train"]) == {1, 2, 3}
    if recipe != "random":
        check_distance(split, 5)
    if recipe == "tiles":
        for scene in split.scenes.values():
            assert len(np.unique(parts_of(scene)[parts_of(scene) >= 0])) <= 1


@pytest.mark.parametrize("recipe", ["auto", "regions", "blocks", "random"])
def test_a_class_with_one_pixel(recipe):
    values = patchwork()
    values[59, 59] = 9
    with pytest.raises(LabelError, match=r"class 9 .* one usable labelled pixel.*--drop-class 9"):
        make_split(problem(label_map(values), recipe=recipe))


def test_a_class_that_cannot_be_trained():
    values = patchwork()
    values[20:22, 20:22] = 9  # one region cannot be in training and in testing, but random pixels can
    values[22:24, 18:24] = 0
    split = make_split(problem(label_map(values), recipe="regions"))
    assert split.counts()["train"][9] > 0
    every = np.ones((8, 8), int)
    every[:, 4:] = 2
    with pytest.raises(SplitError, match="regions"):
        make_split(problem(label_map(every), recipe="regions"))


# --- the default


def test_many_large_regions_are_divided_by_region():
    assert choose_recipe(problem(labels_of("fields"))) == "regions"
    assert make_split(problem(labels_of("fields"))).recipe == "regions"


@pytest.mark.parametrize("patch_size", [1, 3])
def test_points_are_divided_by_block(patch_size):
    assert choose_recipe(problem(labels_of("points"), patch_size=patch_size)) == "blocks"


def test_small_regions_are_divided_by_block():
    fields = label_map(patchwork(field=2))
    assert choose_recipe(problem(fields, patch_size=3)) == "blocks"  # 4 pixels, less than 9
    assert choose_recipe(problem(labels_of("fields"), patch_size=7)) == "blocks"  # 36, less than 49
    assert choose_recipe(problem(fields, patch_size=1)) == "regions"


def test_few_regions_are_divided_by_block():
    values = patchwork()
    values[values == 3] = 0
    values[0:6, 0:6], values[0:6, 8:14] = 3, 3
    assert choose_recipe(problem(label_map(values))) == "blocks"
    other = label_map(values)
    assert choose_recipe(problem(label_map(values), other)) == "regions"  # four in both scenes together


# --- tiles

TILES = [
    {"name": f"{r}{c}.tif", "row": 20 * r, "col": 20 * c, "height": 20, "width": 20} for r in range(3) for c in range(3)
]


def test_tiles_are_never_divided():
    labels = labels_of("fields")
    split = make_split(problem(labels, recipe="tiles", tiles={"a": TILES}))
    check(split, {"a": labels})
    check_distance(split, 5)
    parts = parts_of(split.scenes["a"])
    for tile in TILES:
        part = parts[tile["row"] : tile["row"] + 20, tile["col"] : tile["col"] + 20]
        assert len(np.unique(part[part >= 0])) <= 1


def test_folds():
    labels = labels_of("fields")
    folds = {tile["name"]: i % 3 for i, tile in enumerate(TILES)}
    split = make_split(problem(labels, recipe="tiles", tiles={"a": TILES}, folds=folds, test_fold=1))
    held_out = np.zeros((60, 60), bool)
    for tile in TILES:
        if folds[tile["name"]] == 1:
            held_out[tile["row"] : tile["row"] + 20, tile["col"] : tile["col"] + 20] = True
    np.testing.assert_array_equal(split.scenes["a"].test.values > 0, held_out & (labels.values > 0))
    assert split.details["test_fold"] == 1
    assert split.total("validation") > 0
    check_distance(split, 5)


@pytest.mark.parametrize(
    ("tiles", "options", "message"),
    [
        ((), {}, "one tile"),
        (TILES, {"folds": {"00.tif": 0}}, "no row for tile 01.tif"),
        (TILES, {"folds": {t["name"]: 0 for t in TILES}}, "holds 9 of the 9"),
        (TILES, {"folds": {t["name"]: 0 for t in TILES}, "test_fold": 4}, "holds 0 of the 9"),
    ],
)
def test_tiles_that_cannot_be_dealt_out(tiles, options, message):
    with pytest.raises(SplitError, match=message):
        make_split(problem(labels_of("fields"), recipe="tiles", tiles={"a": tiles}, **options))


# --- fixed


def halves() -> tuple[np.ndarray, np.ndarray]:
    values = patchwork()
    return np.where(np.arange(60) < 32, values, 0), np.where(np.arange(60) >= 32, values, 0)


@pytest.mark.parametrize("field", [2, 6])
def test_given_test_maps_are_used(field):
    values = patchwork(field=field)
    train, test = (label_map(np.where(side, values, 0)) for side in (np.arange(60) < 32, np.arange(60) >= 32))
    split = make_split(problem(train, recipe="fixed", test={"a": test}))
    check(split, {"a": label_map(values)})
    np.testing.assert_array_equal(split.scenes["a"].test, test)
    learned = split.scenes["a"].train.values + split.scenes["a"].validation.values
    np.testing.assert_array_equal(learned, train)
    assert split.total("validation") > 0
    assert ("regions" if field == 6 else "blocks") in split.details["validation"]
    assert split.buffer == 0


def test_given_validation_maps_are_used():
    train, test = halves()
    validation = np.where(np.arange(60)[:, None] < 8, train, 0)
    train = train - validation
    maps = [label_map(m) for m in (train, validation, test)]
    split = make_split(problem(maps[0], recipe="fixed", validation={"a": maps[1]}, test={"a": maps[2]}))
    for part, given in zip(PARTS, maps, strict=True):
        np.testing.assert_array_equal(split.scenes["a"].part(part), given)


def test_fixed_without_validation():
    train, test = map(label_map, halves())
    split = make_split(problem(train, recipe="fixed", test={"a": test}, validation_fraction=0.0))
    np.testing.assert_array_equal(split.scenes["a"].train, train)
    assert split.total("validation") == 0


def test_fixed_is_buffered_on_request():
    train, test = map(label_map, halves())
    split = make_split(problem(train, recipe="fixed", test={"a": test}, buffer=4))
    np.testing.assert_array_equal(split.scenes["a"].test, test)
    check_distance(split, 5)


@pytest.mark.parametrize("pair", [("labels", "test"), ("labels", "validation"), ("validation", "test")])
def test_fixed_maps_must_not_overlap(pair):
    train, test = halves()
    validation = np.where(np.arange(60)[:, None] < 8, train, 0)
    maps = {"labels": train - validation, "validation": validation, "test": test}
    one, other = (maps[name] for name in pair)
    row, column = np.argwhere(other > 0)[0]
    one[row, column] = 1
    given = {name: {"a": label_map(maps[name])} for name in ("validation", "test")}
    with pytest.raises(SplitError, match="disjoint"):
        make_split(problem(label_map(maps["labels"]), recipe="fixed", **given))


def test_fixed_without_test_pixels():
    with pytest.raises(SplitError, match="--test-labels"):
        make_split(problem(label_map(halves()[0]), recipe="fixed"))


def test_fixed_with_a_class_that_is_only_tested():
    train, test = halves()
    test[test == 3] = 4
    with pytest.raises(SplitError, match="class 4 without a training pixel"):
        make_split(problem(label_map(train), recipe="fixed", test={"a": label_map(test)}))


def test_fixed_maps_of_other_integer_types():
    train, test = halves()
    small, large = label_map(train), label_map(np.where(test == 3, 300, test), np.uint16)
    other = label_map(np.where(train == 3, 300, train), np.uint16)
    split = make_split(problem(small, other, recipe="fixed", test={"a": large}))
    np.testing.assert_array_equal(split.scenes["a"].test, large)
