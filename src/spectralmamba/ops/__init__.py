"""Numerical kernels: the selective scan and the backends it can run on."""

from spectralmamba.ops.selective_scan import selective_scan

__all__ = ["selective_scan"]
