"""Benchmark data on demand: what is known of each data set, and how it comes onto this machine.

Nothing is distributed with this package: files come from their owners' addresses, or are put in place by hand.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
