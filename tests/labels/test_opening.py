import numpy as np
import pytest

from spectralmamba import open_labels
from spectralmamba.errors import LabelError
from tests.scenes.products import write_tiff

LABELS = np.ones((3, 4), np.uint8)


@pytest.mark.parametrize("options", [{"attribute": "class"}, {"layer": "points"}])
def test_options_of_vector_labels_do_not_apply_to_rasters(tmp_path, options):
    path = write_tiff(tmp_path / "a.tif", LABELS)
    with pytest.raises(LabelError, match="applies to vector labels"):
        open_labels(path, **options)


@pytest.mark.parametrize("content", [b"", b"1 2 3\n", b"\x89PNG\r\n\x1a\n", b"II*\0", b"\x93NUMPY\x01", b"MATLAB 5.0"])
def test_what_is_no_label_file(tmp_path, content):
    path = tmp_path / "labels.dat"
    path.write_bytes(content)
    with pytest.raises(LabelError) as caught:
        open_labels(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_and_empty(tmp_path):
    with pytest.raises(LabelError, match="there is no file or folder"):
        open_labels(tmp_path / "gone.tif")
    with pytest.raises(LabelError, match="holds no labels"):
        open_labels(tmp_path)
    with pytest.raises(LabelError, match="list of label tiles is empty"):
        open_labels([])


def test_an_unknown_name_is_an_attribute_error():
    import spectralmamba.labels

    with pytest.raises(AttributeError, match="nonsense"):
        _ = spectralmamba.labels.nonsense
    assert "ClassTable" in dir(spectralmamba.labels)
