"""A SpectralMamba that is called without gradients on a CPU: merged by its modules, then the fused path."""

import torch
from torch import Tensor

from spectralmamba.models.inference.dense_keeper import Mark, marks_of, same_marks
from spectralmamba.models.inference.spectrum_path import SpectrumPath, spectrum_path
from spectralmamba.models.s6_training import HOOKS
from spectralmamba.models.spectral_mamba import SpectralMamba


class FusedKeeper:
    """Keeps the fused path of one model, prepared anew when its weights have changed; copies and pickles are empty."""

    def __init__(self) -> None:
        self._marks: list[Mark] | None = None
        self._path: SpectrumPath | None = None

    def __reduce__(self) -> tuple[type["FusedKeeper"], tuple[()]]:
        """Leave the packed weights behind."""
        return FusedKeeper, ()

    def get(self, model: SpectralMamba) -> SpectrumPath | None:
        """Give the path with the weights that the model has now, or None where it has none."""
        marks = marks_of(model)
        if not same_marks(marks, self._marks):
            self._path, self._marks = spectrum_path(model), marks
        return self._path


def fused_logits(model: SpectralMamba, x: Tensor, keeper: FusedKeeper) -> Tensor | None:
    """Compute the logits (B, K) of what the model takes, or None where its modules have to be run one by one."""
    if not _runs_fused(model, x):
        return None
    path = keeper.get(model)
    if path is None:
        return None
    return torch.from_numpy(path.classify_many(model.spectrum_of(x).detach().numpy()))


def _runs_fused(model: SpectralMamba, x: Tensor) -> bool:
    """Whether nobody looks into the model: no gradients, no tracer, no transform, no mode, no hook on a part."""
    return (
        not torch.is_grad_enabled()
        and type(x) in {Tensor, torch.nn.Parameter}
        and x.device.type == "cpu"
        and x.dtype is torch.float32
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
        and torch._C._get_tracing_state() is None  # noqa: SLF001
        and not torch._C._functorch.is_functorch_wrapped_tensor(x)  # noqa: SLF001 - no public way to ask
        and torch._C._len_torch_dispatch_stack() == 0  # noqa: SLF001
        and not any(getattr(part, hooks) for part in model.modules() if part is not model for hooks in HOOKS)
    )
