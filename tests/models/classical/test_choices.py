"""Hyper-parameters as a user writes them."""

import pytest
import yaml

from spectralmamba.errors import ConfigError
from spectralmamba.models import create_model
from spectralmamba.models.registry import model_config

SIZES = {"n_bands": 4, "n_classes": 3}


def test_one_value_or_several_as_yaml_reads_them():
    config = model_config("svm", **SIZES, penalty=10, gamma=yaml.safe_load("[scale, 1e-3, 0.5]"))
    assert config.penalty == (10.0,)
    assert config.gamma == ("scale", 0.001, 0.5)
    assert model_config("randomforest", **SIZES, min_samples_leaf=2).min_samples_leaf == (2,)


def test_every_pair_is_a_candidate_the_first_values_first():
    svm = create_model("svm", **SIZES, penalty=[1, 2], gamma=[3, "scale"])
    assert svm.candidates() == [
        {"C": 1.0, "gamma": 3.0}, {"C": 1.0, "gamma": "scale"}, {"C": 2.0, "gamma": 3.0}, {"C": 2.0, "gamma": "scale"},
    ]  # fmt: skip
    assert len(create_model("svm", **SIZES).candidates()) == 9
    assert create_model("randomforest", **SIZES).candidates()[0] == {"max_features": "sqrt", "min_samples_leaf": 1}


@pytest.mark.parametrize(
    ("name", "option", "value", "message"),
    [
        ("svm", "penalty", 0, "positive"),
        ("svm", "penalty", "scale", "positive"),
        ("svm", "penalty", [], "at least one"),
        ("svm", "penalty", True, "positive"),
        ("svm", "penalty", None, "positive"),
        ("svm", "gamma", [1, -1], "positive numbers or 'scale'"),
        ("svm", "gamma", float("nan"), "positive"),
        ("svm", "gamma", float("inf"), "positive"),
        ("svm", "gamma", {"a": 1}, "positive"),
        ("randomforest", "max_features", [0.5, 1.5], "up to 1"),
        ("randomforest", "max_features", "log2", "'sqrt'"),
        ("randomforest", "min_samples_leaf", 1.5, "whole number"),
        ("randomforest", "min_samples_leaf", 0, "positive"),
        ("randomforest", "n_trees", 0, "at least 1"),
        ("randomforest", "n_trees", "many", "whole number"),
    ],
)
def test_impossible_values_are_one_line_with_the_options_name(name, option, value, message):
    with pytest.raises(ConfigError, match=message) as refusal:
        model_config(name, **SIZES, **{option: value})
    assert option in str(refusal.value)
    assert "\n" not in str(refusal.value)
