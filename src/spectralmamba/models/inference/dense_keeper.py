"""The evaluation of whole windows, prepared once, and anew when the model has changed."""

import torch
from torch import Tensor

from spectralmamba.models.classifier import Classifier
from spectralmamba.models.inference.cuda import DeviceEvaluation, device_of
from spectralmamba.models.inference.cuda_precision import Half
from spectralmamba.models.inference.dense import DenseEvaluation, dense_evaluation
from spectralmamba.sampling.standardise import Standardiser

Mark = tuple[Tensor, int, int]
Evaluation = DenseEvaluation | DeviceEvaluation


class DenseKeeper:
    """Keeps the evaluation of one model; copies and pickles are empty and prepare their own."""

    def __init__(self) -> None:
        self._marks: list[Mark] | None = None
        self._standardiser: Standardiser | None = None
        self._evaluation: Evaluation | None = None

    def __reduce__(self) -> tuple[type["DenseKeeper"], tuple[()]]:
        """Leave the workspaces behind."""
        return DenseKeeper, ()

    def get(self, model: Classifier, standardiser: Standardiser, half: Half | None = None) -> Evaluation | None:
        """Give the evaluation of a model with the weights that it has now, or None where it has none.

        ``half`` is for models on a GPU, and always the same.
        """
        marks = marks_of(model)
        if standardiser is not self._standardiser or not same_marks(marks, self._marks):
            self._evaluation = _prepare(model, standardiser, half)
            self._marks, self._standardiser = marks, standardiser
        return self._evaluation


def _prepare(model: Classifier, standardiser: Standardiser, half: Half | None) -> Evaluation | None:
    if device_of(model).type == "cpu":
        return dense_evaluation(model, standardiser)
    return DeviceEvaluation(model, standardiser, half)


def marks_of(model: Classifier) -> list[Mark] | None:
    """Tell the state of a model: each tensor, where it lies, and PyTorch's count of changes to it.

    None where changes are not counted.
    """
    tensors = [*model.parameters(), *model.buffers()]
    if any(torch.is_inference(tensor) for tensor in tensors):
        return None
    return [(tensor, tensor.data_ptr(), tensor._version) for tensor in tensors]  # noqa: SLF001 - known to autograd alone


def same_marks(now: list[Mark] | None, before: list[Mark] | None) -> bool:
    """Whether a model is as it was, for certain."""
    if now is None or before is None or len(now) != len(before):
        return False
    return all(a[0] is b[0] and a[1:] == b[1:] for a, b in zip(now, before, strict=True))
