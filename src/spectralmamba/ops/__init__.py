"""Numerical kernels: the selective scan, the convolution before it, and the backends that they can run on."""

from spectralmamba.ops.causal_conv1d import causal_conv1d
from spectralmamba.ops.selective_scan import selective_scan

__all__ = ["causal_conv1d", "selective_scan"]
