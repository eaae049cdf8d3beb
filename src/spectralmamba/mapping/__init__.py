"""Whole-scene inference: tiles in, classes and confidences out, the same for any tile size.

The names are brought in on first use, so that a server of processes can be started before the libraries are loaded.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
