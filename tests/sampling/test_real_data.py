import numpy as np
import pytest

from spectralmamba import open_labels
from spectralmamba.sampling import make_split

from .problems import check, check_distance, problem

pytestmark = pytest.mark.real_data

TRUTHS = ["salinas_a/SalinasA_gt.mat", "pavia_u/PaviaU_gt.mat", "indian_pines/Indian_pines_gt.mat"]


@pytest.mark.parametrize("path", TRUTHS)
@pytest.mark.parametrize("recipe", ["auto", "blocks", "random"])
def test_every_class_is_trained(data_folder, path, recipe):
    labels = open_labels(data_folder / path)
    split = make_split(problem(labels, recipe=recipe))
    check(split, {"a": labels})
    numbers = set(labels.attrs["classes"].numbers)
    assert set(split.counts()["train"]) == numbers
    if recipe != "random":
        near = np.asarray(split.leakage().within_twice_radius)
        assert near == 0
        if labels.size < 30_000:
            check_distance(split, 5)
