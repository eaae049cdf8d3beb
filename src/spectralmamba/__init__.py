"""Hyperspectral image classification with SpectralMamba, from a scene and labels to an accuracy and a map.

``import spectralmamba`` loads nothing heavy: each public name brings in its module on first use (PEP 562).
"""

from importlib.metadata import version

import lazy_loader

__version__ = version("spectralmamba")
__getattr__, _, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["__version__"]


def __dir__() -> list[str]:
    return sorted(__all__)
