"""SpectralMamba from a spectrum to its logits in one kernel, sixteen pixels in the lanes of a vector.

``job`` (what the kernel is told), ``room`` (its memory), ``tiles`` (products with matrices), ``elementwise`` (norm,
convolution), ``scan``, ``kernel`` (the whole). Sequences are walked through in chunks of steps: everything is causal,
so a chunk goes through all blocks while it is in cache, and only states and the last steps before a convolution wait
for the next one.
"""
