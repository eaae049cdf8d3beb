"""The catalogue agrees with itself, and with the real ground truths where they are at hand."""

import hashlib
import re
from urllib.parse import urlsplit

import numpy as np
import pytest

from spectralmamba.errors import DatasetError
from spectralmamba.labels import open_labels
from spectralmamba.scenes.datasets.catalogue import CATALOGUE, find

# Pixels that the literature labels, in all.
PUBLISHED = {
    "houston2013": 2832 + 12197,
    "longkou": 204_542,
    "botswana": 3248,
    "augsburg": 761 + 77533,
    "indian_pines": 10_249,
    "pavia_university": 42_776,
    "pavia_centre": 148_152,
    "salinas": 54_129,
    "salinas_a": 5348,
    "ksc": 5211,
}

REAL = {
    ("botswana", "labels"): "botswana/Botswana_gt.mat",
    ("indian_pines", "labels"): "indian_pines/Indian_pines_gt.mat",
    ("pavia_university", "labels"): "pavia_u/PaviaU_gt.mat",
    ("salinas_a", "labels"): "salinas_a/SalinasA_gt.mat",
    ("augsburg", "train"): "augsburg/TrainImage.mat",
    ("augsburg", "test"): "augsburg/TestImage.mat",
    ("houston2013", "train"): "houston2013/2013_IEEE_GRSS_DF_Contest_Samples_TR.tif",
    ("houston2013", "test"): "houston2013/2013_IEEE_GRSS_DF_Contest_Samples_VA.tif",
}


def test_the_data_sets_asked_for():
    assert set(CATALOGUE) == set(PUBLISHED)
    assert {name: entry.labelled for name, entry in CATALOGUE.items()} == PUBLISHED


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=list(CATALOGUE))
def test_an_entry_is_complete(entry):
    numbers, names = zip(*entry.classes, strict=True)
    assert len(set(numbers)) == len(set(names)) == len(names)
    assert [labels.role for labels in entry.labels] in (["labels"], ["train", "test"])
    assert all(len(labels.counts) == len(names) for labels in entry.labels)
    assert len({file.name for file in entry.files}) == len(entry.files)
    assert entry.citation
    assert entry.terms
    assert urlsplit(entry.page).netloc
    assert entry.is_open or entry.by_hand


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=list(CATALOGUE))
def test_addresses_and_checksums_have_their_form(entry):
    for file in entry.files:
        assert file.sha256 is None or re.fullmatch("[0-9a-f]{64}", file.sha256)
        if file.address is not None:
            assert file.address.startswith("https://")
            assert file.address.endswith(f"/{file.name}")
        if file.address is not None and "ccwintco" in file.address:  # where MediaWiki keeps a file of that name
            digest = hashlib.md5(file.name.encode(), usedforsecurity=False).hexdigest()
            assert f"/uploads/{digest[0]}/{digest[:2]}/" in file.address


@pytest.mark.real_data
@pytest.mark.parametrize(("place", "path"), REAL.items(), ids=[f"{name}-{role}" for name, role in REAL])
def test_counts_and_size_are_those_of_the_real_labels(data_folder, place, path):
    entry = CATALOGUE[place[0]]
    labels = next(labels for labels in entry.labels if labels.role == place[1])
    real = open_labels(data_folder / path, variable=labels.file.variable)
    assert real.shape == (entry.height, entry.width)
    counts = np.bincount(real.values.ravel())
    assert [counts[number] for number, _ in entry.classes] == list(labels.counts)
    assert counts[1:].sum() == sum(labels.counts)
    if labels.file.sha256 is not None:
        assert hashlib.sha256((data_folder / path).read_bytes()).hexdigest() == labels.file.sha256


@pytest.mark.parametrize("name", ["Indian Pines", "INDIAN-PINES", "indian_pines"])
def test_names_are_found_however_they_are_written(name):
    assert find(name).name == "indian_pines"
    assert find("PaviaU").name == "pavia_university"
    assert find("WHU-Hi-LongKou").name == "longkou"


def test_an_unknown_name():
    with pytest.raises(DatasetError, match=r"did you mean 'botswana'.*known are houston2013"):
        find("botswan")
