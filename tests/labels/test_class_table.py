import copy
import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectralmamba import ClassTable
from spectralmamba.errors import LabelError
from spectralmamba.labels.palette import PALETTE, first_colours

SALINAS_A = [1, 10, 11, 12, 13, 14]


def test_defaults_go_by_place_in_the_sorted_table():
    table = ClassTable.from_numbers([14, 1, 10])
    assert table.numbers == (1, 10, 14)
    assert table.names == ("class 1", "class 10", "class 14")
    assert table.colours == PALETTE[:3]
    assert len(table) == 3
    assert table == ClassTable.from_numbers([1, 10, 14])


def test_names_and_colours_by_number_or_in_the_order_given():
    by_order = ClassTable.from_numbers([7, 2], names=["roof", "water"], colours=["#FF0000", "#0000ff"])
    assert by_order.classes == ((2, "water", "#0000ff"), (7, "roof", "#ff0000"))
    by_number = ClassTable.from_numbers([7, 2], names={2: "water", 9: "none"}, colours={7: "#ff0000"})
    assert by_number.classes == ((2, "water", PALETTE[0]), (7, "class 7", "#ff0000"))


def test_colours_never_repeat():
    assert len(set(PALETTE)) == len(PALETTE) >= 20
    many = first_colours(300)
    assert len(set(many)) == 300
    assert many == first_colours(300)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ClassTable.from_numbers([1, 1]), "number 1 occurs more than once"),
        (lambda: ClassTable.from_numbers([0, 1]), "0 is not a class number"),
        (lambda: ClassTable.from_numbers([-1]), "-1 is not a class number"),
        (lambda: ClassTable.from_numbers([2**32]), "is not a class number"),
        (lambda: ClassTable.from_numbers([1.5]), "1.5 is not a class number"),
        (lambda: ClassTable.from_numbers([1, 2], names=["a", "a"]), "name 'a' occurs more than once"),
        (lambda: ClassTable.from_numbers([1], names=[" "]), "empty name"),
        (lambda: ClassTable.from_numbers([1, 2], names=["a"]), "1 names for 2 classes"),
        (lambda: ClassTable.from_numbers([1], colours=["red"]), "'red'; give it as '#rrggbb'"),
        (lambda: ClassTable.from_json([{"number": 1}]), "not a class table"),
        (lambda: ClassTable.from_json([{"number": None, "name": "a", "colour": "#000000"}]), "class"),
        (lambda: ClassTable.from_numbers([1]).name_of(2), "there is no class 2"),
        (lambda: ClassTable.from_numbers([1]).number_of(1), "outside the table"),
        (lambda: ClassTable.from_numbers([1]).number_of(np.array([0, -2])), "outside the table"),
    ],
)
def test_bad_tables(make, message):
    with pytest.raises(LabelError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


@given(st.sets(st.integers(1, 300), max_size=20), st.lists(st.integers(0, 310), max_size=30))
def test_index_and_number_are_inverse(numbers, labels):
    table = ClassTable.from_numbers(numbers)
    labels = np.array(labels, np.uint16)
    index = table.index_of(labels)
    assert index.dtype == np.int64
    known = np.isin(labels, list(numbers))
    assert (index[~known] == -1).all()
    np.testing.assert_array_equal(table.number_of(index), np.where(known, labels, 0))


def test_one_index():
    table = ClassTable.from_numbers(SALINAS_A)
    assert table.number_of(1) == 10
    assert isinstance(table.number_of(np.int64(1)), int)
    assert table.name_of(10) == "class 10"


def test_without_keeps_the_colours_of_the_rest():
    table = ClassTable.from_numbers(SALINAS_A)
    rest = table.without({10, 99})
    assert rest.numbers == (1, 11, 12, 13, 14)
    assert rest.colours == (PALETTE[0], *PALETTE[2:6])


def test_union_keeps_colours_apart():
    a = ClassTable.from_numbers([1, 2], names=["roof", "water"])
    b = ClassTable.from_numbers([2, 3], names=["water", "tree"])
    both = a.union(b)
    assert both.names == ("roof", "water", "tree")
    assert both.colours[:2] == a.colours
    assert len(set(both.colours)) == 3
    assert a.union(a) == a
    with pytest.raises(LabelError, match="class 2 is called 'water' and 'lake'"):
        a.union(ClassTable.from_numbers([2], names=["lake"]))
    with pytest.raises(LabelError, match="name 'roof' occurs more than once"):
        a.union(ClassTable.from_numbers([5], names=["roof"]))


def test_json_and_copies():
    table = ClassTable.from_numbers(SALINAS_A, names={1: "Brokkoli grün"})
    assert ClassTable.from_json(json.loads(json.dumps(table.to_json()))) == table
    assert table.to_json()[0] == {"number": 1, "name": "Brokkoli grün", "colour": PALETTE[0]}
    assert copy.deepcopy(table) == table
    assert hash(table) == hash(copy.deepcopy(table))
    with pytest.raises(dataclasses.FrozenInstanceError):
        table.classes = ()
