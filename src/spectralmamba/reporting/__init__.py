"""Figures of scenes, spectra, training and accuracy, and the report of a run that puts them on one page.

Every name is brought in on first use, so that importing this place loads neither matplotlib nor PyTorch.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
