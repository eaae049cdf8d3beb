"""The kernels compile for a GPU, which needs none: the interpreter takes Python that Triton's compiler does not."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import warnings

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from spectralmamba.ops.gpu.backward import scan_backward
from spectralmamba.ops.gpu.forward import scan_forward

FLOAT32 = {"last_state", "grad_last", "grad_A", "grad_B", "grad_C", "grad_D", "grad_bias", "starts"}
WHOLE = {"batch", "dim", "length", "states", "segment", "blocks_per_segment", "channels_B", "channels_C", "sequences"}

def compile_for(kernel, dtype, fixed, capability):
    signature, constants = {}, {}
    for i, name in enumerate(kernel.arg_names):
        if name.startswith("strides_"):
            signature[name] = ("i32",) * (4 if name in {"strides_B", "strides_C"} else 3)
        elif name in WHOLE:
            signature[name] = "i32"
        elif len(name) > 1 and name.isupper():
            signature[name] = "constexpr"
            constants[(i,)] = {"BLOCK_D": 32, "BLOCK_N": 16, "B_FIXED": fixed, "C_FIXED": fixed}.get(name, True)
        else:
            signature[name] = "*fp32" if name in FLOAT32 else f"*{dtype}"
    source = ASTSource(fn=kernel, signature=signature, constexprs=constants)
    options = {"num_warps": 8, "enable_fp_fusion": True}
    return triton.compile(source, target=GPUTarget("cuda", capability, 32), options=options)

for kernel in (scan_forward, scan_backward):
    for dtype, fixed, capability in (("fp32", False, 80), ("bf16", True, 90)):
        assert len(compile_for(kernel, dtype, fixed, capability).asm["cubin"]) > 1000
print("compiled")
"""


@pytest.mark.triton
def test_compiles_without_a_gpu(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    environment["TRITON_CACHE_DIR"] = str(tmp_path)
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.strip() == "compiled", done.stderr[-3000:]
