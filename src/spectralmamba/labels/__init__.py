"""Labels: one small reader per format, the map they become on the scene's grid, and the table of classes."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
