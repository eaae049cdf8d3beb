"""Figures of benchmarks: models against one another, the parts of SpectralMamba, and the maps side by side.

Every name is brought in on first use, so that importing this place loads neither matplotlib nor PyTorch.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
