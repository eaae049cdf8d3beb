import numpy as np

from spectralmamba.scenes.validity import valid_pixels


def test_every_band_has_to_be_there():
    window = np.ones((3, 2, 3), np.float32)
    window[1, 0, 0] = np.nan
    window[2, 1, 2] = np.inf
    assert valid_pixels(window).tolist() == [[False, True, True], [True, True, False]]


def test_nodata_counts_as_missing():
    window = np.array([[[1, -9], [3, 4]], [[1, 2], [-9, 4]]])
    assert valid_pixels(window, nodata=-9).tolist() == [[True, False], [False, True]]
    assert valid_pixels(window, nodata=float("nan")).all()
    assert valid_pixels(window).dtype == bool
