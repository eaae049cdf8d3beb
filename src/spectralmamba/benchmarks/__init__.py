"""Protocols, their runs, and the tables and statistics over these."""

from spectralmamba.benchmarks.protocol import Protocol
from spectralmamba.benchmarks.runner import run_benchmark

__all__ = ["Protocol", "run_benchmark"]
