"""The selective scan on a GPU, compiled by Triton. Nothing here is imported before it is used.

``functions`` (what both passes compute), ``block`` (what both read), ``forward`` and ``backward`` (the kernels),
``retreat`` (back over one sequence), ``scan`` (from tensors to them).

The kernels are tested in Triton's interpreter on a CPU. **They have not been run on a GPU**: none could be had so far
(2026-11-24), so neither their speed nor their choice of block sizes has been measured.
"""
