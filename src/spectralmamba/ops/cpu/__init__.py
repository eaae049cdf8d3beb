"""The selective scan on a CPU, compiled by Numba. Nothing here is imported before it is used.

``job`` (what a kernel is told), ``simd`` and ``functions`` (vectors), ``sequences`` and ``workspace`` (memory),
``forward`` and ``backward`` (the kernels), ``compiled`` and ``pool`` (how they are compiled and run), ``scan`` (from
tensors to kernels).
"""
