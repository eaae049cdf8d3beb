"""Inference faster than a model's own ``forward``, with the same meaning."""

from spectralmamba.models.inference.spectrum_path import SpectrumPath, spectrum_path

__all__ = ["SpectrumPath", "spectrum_path"]
