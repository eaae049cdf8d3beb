"""The selective scan on a CPU, compiled by Numba. Nothing here is imported before it is used.

``job`` and ``pieces`` (what a kernel is told), ``simd``, ``lanes`` and ``functions`` (vectors), ``sequences`` and
``workspace`` (memory), ``forward``, ``backward`` and ``convolution`` (the kernels), ``compiled`` and ``pool`` (how
they are compiled and run), ``call``, ``scan`` and ``causal_conv1d`` (from tensors to kernels).
"""
