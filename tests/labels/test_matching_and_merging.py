"""Label sources brought together by name, and classes put together."""

import numpy as np
import pytest
import xarray as xr

from spectralmamba import ClassTable
from spectralmamba.errors import LabelError
from spectralmamba.labels.matching import match_labels, match_numbers
from spectralmamba.labels.merging import Merge, members_not_in, merged, parse_merges, require_merged

OURS = ClassTable.from_numbers([1, 2, 3], ["impervious", "soil", "tree"])


def table(**numbers: int) -> ClassTable:
    return ClassTable.from_numbers(list(numbers.values()), [name.replace("_", " ") for name in numbers])


def test_numbers_that_agree_stay():
    assert match_numbers(table(impervious=1, tree=3), OURS) == {1: 1, 3: 3}
    assert match_numbers(table(impervious=1, water=9), OURS) == {1: 1, 9: 9}


def test_tables_without_names_go_by_number():
    unnamed = ClassTable.from_numbers([2, 7])
    assert match_numbers(unnamed, OURS) == {2: 2, 7: 7}
    assert match_numbers(OURS, unnamed) == {1: 1, 2: 2, 3: 3}


def test_names_decide_where_numbers_differ():
    assert match_numbers(table(tree=1, impervious=3), OURS) == {1: 3, 3: 1}


def test_a_class_that_we_do_not_have_gets_a_free_number():
    theirs = table(tree=2, rail=3, water=8)
    matched = match_numbers(theirs, OURS)
    assert matched == {2: 3, 3: 9, 8: 10}


def test_a_label_map_gets_our_numbers_and_says_so():
    values = np.array([[0, 2, 2], [3, 300, 0]], np.uint16)
    theirs = ClassTable.from_numbers([2, 3, 300], ["tree", "soil", "impervious"], ["#000001", "#000002", "#000003"])
    labels = xr.DataArray(values, dims=("y", "x"), attrs={"classes": theirs, "points": True})
    matched, remark = match_labels(labels, OURS)
    assert matched.values.tolist() == [[0, 3, 3], [2, 1, 0]]
    assert matched.dtype == np.uint8
    assert matched.attrs["classes"].classes == (
        (1, "impervious", "#000003"),
        (2, "soil", "#000002"),
        (3, "tree", "#000001"),
    )
    assert matched.attrs["points"]
    assert labels.values[0, 1] == 2
    assert remark == "classes matched by name: tree 2 → 3, soil 3 → 2, impervious 300 → 1"
    again, none = match_labels(matched, OURS)
    assert again is matched
    assert none is None


def test_names_that_differ_by_case_are_refused():
    with pytest.raises(LabelError, match="'tree' and 'Tree' differ by case only"):
        match_numbers(table(Tree=5), OURS)
    with pytest.raises(LabelError, match="differ by case only"):
        match_numbers(table(TREE=3), OURS)


def test_a_class_without_a_name_among_others():
    theirs = ClassTable.from_numbers([1, 4], {1: "tree"})
    with pytest.raises(LabelError, match="class 4 has no name"):
        match_numbers(theirs, OURS)


def test_parsing():
    assert parse_merges("a, b c=d;1,2=3") == (Merge(("a", "b c"), "d"), Merge(("1", "2"), "3"))
    assert parse_merges(["a=d", "b=d ; c=d"]) == (Merge(("a",), "d"), Merge(("b",), "d"), Merge(("c",), "d"))
    assert parse_merges("") == ()
    for text in ("roof", "roof,=x", "roof=", "=x", ",=x"):
        with pytest.raises(LabelError, match="is not CLASS,CLASS=NAME"):
            parse_merges([text])


LABELS = np.array([[0, 1, 2], [3, 4, 5]], np.uint8)
TABLE = table(roof=1, pavement=2, low_vegetation=3, tree=4, soil=5)


def test_two_classes_become_one_of_a_new_name():
    values, after = merged(LABELS, TABLE, parse_merges("pavement,roof=impervious"))
    assert values.tolist() == [[0, 1, 1], [3, 4, 5]]
    assert after.names == ("impervious", "low vegetation", "tree", "soil")
    assert after.colours[0] == TABLE.colours[0]


def test_by_number_into_a_class_that_is_there_one_after_the_other():
    values, after = merged(LABELS, TABLE, parse_merges(["1,2=5", "tree=low vegetation", "soil=ground"]))
    assert values.tolist() == [[0, 5, 5], [3, 3, 5]]
    assert after.classes == ((3, "low vegetation", TABLE.colours[2]), (5, "ground", TABLE.colours[4]))


def test_a_class_may_be_named_after_one_of_its_members():
    values, after = merged(LABELS, TABLE, parse_merges("roof,pavement=pavement"))
    assert values.tolist() == [[0, 2, 2], [3, 4, 5]]
    assert after.names[0] == "pavement"


def test_unknown_members():
    with pytest.raises(LabelError, match="no class 'rail' to merge; the classes are 1 roof, 2 pavement"):
        merged(LABELS, TABLE, parse_merges("rail=roof"))
    with pytest.raises(LabelError, match="its name is written 'roof'"):
        merged(LABELS, TABLE, parse_merges("Roof=pavement"))


def test_members_that_not_every_file_has():
    merges = parse_merges(["roof,rail=built", "quay=wharf", "wharf=w", "built,tree=other"])
    absent = members_not_in(TABLE, merges)
    assert absent == ("rail", "quay", "wharf")
    values, after = merged(LABELS, TABLE, merges, absent=absent)
    assert values.tolist() == [[0, 1, 2], [3, 1, 5]]
    assert after.names == ("other", "pavement", "low vegetation", "soil")


def test_members_that_no_file_has():
    maps = [xr.DataArray(LABELS, attrs={"not_merged": lacking}) for lacking in (("rail", "quay"), ("quay",))]
    with pytest.raises(LabelError, match="no label file has a class 'quay' to merge; write it as they do"):
        require_merged(maps)
    require_merged([*maps, xr.DataArray(LABELS)])
