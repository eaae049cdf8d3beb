import pytest

from spectralmamba.errors import ConfigError, SplitError
from spectralmamba.sampling.options import SplitOptions, read_folds


@pytest.mark.parametrize(
    "options",
    [
        {"recipe": "checkerboard"},
        {"train_fraction": 0.0},
        {"train_fraction": 1.0},
        {"train_fraction": -0.1},
        {"train_fraction": float("nan")},
        {"validation_fraction": 1.0},
        {"validation_fraction": -0.1},
        {"validation_fraction": float("nan")},
        {"train_count": 0, "recipe": "random"},
        {"train_count": 5},
        {"train_count": 5, "recipe": "blocks"},
        {"block_size": 0},
        {"buffer": -1},
        {"seed": -1},
        {"folds": {"a.tif": 0}},
        {"folds": {"a.tif": 0}, "recipe": "regions"},
    ],
)
def test_impossible_values(options):
    with pytest.raises(ConfigError) as error:
        SplitOptions(**options)
    assert "\n" not in str(error.value)


def test_fractions():
    assert SplitOptions(train_fraction=0.5, validation_fraction=0.2).fractions == pytest.approx((0.4, 0.1, 0.5))
    assert SplitOptions(train_fraction=0.5, validation_fraction=0.0).fractions == (0.5, 0.0, 0.5)


@pytest.mark.parametrize("recipe", ["regions", "blocks", "tiles"])
def test_buffers(recipe):
    assert SplitOptions().buffer_for(recipe, 3) == 6
    assert SplitOptions(buffer=1).buffer_for(recipe, 3) == 1
    assert SplitOptions(buffer=0).buffer_for(recipe, 3) == 0


@pytest.mark.parametrize("recipe", ["fixed", "random"])
def test_buffers_on_request(recipe):
    assert SplitOptions().buffer_for(recipe, 3) == 0
    assert SplitOptions(buffer=4).buffer_for(recipe, 3) == 4


def test_folds(tmp_path):
    path = tmp_path / "folds.csv"
    path.write_text("tile,fold,remark\na.tif,0,x\nb.tif,1,\n")
    assert read_folds(path) == {"a.tif": 0, "b.tif": 1}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"name,fold\na.tif,0\n",
        b"tile,fold\na.tif,first\n",
        b"tile,fold\na.tif\n",
        b"\xff\xfe\x00tile",
        b"tile,fold\n",
    ],
)
def test_bad_folds(tmp_path, content):
    path = tmp_path / "folds.csv"
    path.write_bytes(content)
    with pytest.raises(SplitError, match="folds") as error:
        read_folds(path)
    assert "\n" not in str(error.value)


def test_no_folds(tmp_path):
    with pytest.raises(SplitError, match="cannot read"):
        read_folds(tmp_path / "gone.csv")
    with pytest.raises(SplitError, match="cannot read"):
        read_folds(tmp_path)
