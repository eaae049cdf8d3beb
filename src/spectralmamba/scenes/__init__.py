"""Scenes: one small reader per format, each of which returns the same thing; the simulator; benchmark data.

The names are brought in on first use, so that importing this place loads no raster library.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
