"""What the package offers at the top."""

import spectralmamba


def test_every_public_name_is_there():
    for name in spectralmamba.__all__:
        assert getattr(spectralmamba, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(spectralmamba, "nothing")
