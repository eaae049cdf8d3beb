"""A trained model as bytes, to be sent to processes that do not see its run directory."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from spectralmamba.errors import RunError
from spectralmamba.models.predictor import ModelPredictor
from spectralmamba.models.saved import DESCRIPTION, MODEL_FILES, load_predictor, pick_device


@dataclass(frozen=True)
class ShippedModel:
    """The files that hold a model, and on what it is to compute.

    Attributes
    ----------
    files : dict of str to bytes
        By name; they are read where they arrive as a run directory's are, so no pickle among them is trusted.
    device : str
        ``cpu`` or ``cuda``.
    """

    files: dict[str, bytes] = field(repr=False)
    device: str = "cpu"

    @classmethod
    def read(cls, run: Path, device: str = "cpu") -> "ShippedModel":
        """Read the model of a run directory.

        Raises
        ------
        RunError
            There is none.
        """
        if not (run / DESCRIPTION).is_file():
            raise RunError(f"{run} holds no trained model; name a run directory whose training has ended")
        return cls({name: (run / name).read_bytes() for name in MODEL_FILES if (run / name).is_file()}, device)

    @cached_property
    def digest(self) -> str:
        """Tells it from any other."""
        digest = hashlib.sha256(self.device.encode())
        for name, content in sorted(self.files.items()):
            digest.update(f"\n{name} {len(content)}\n".encode() + content)
        return digest.hexdigest()

    def load(self, threads: int) -> ModelPredictor:
        """Make the predictor, and let PyTorch use so many threads in this process.

        Raises
        ------
        RunError
            The model is damaged, or its device is not on this machine.
        """
        torch.set_num_threads(threads)
        device = str(pick_device(self.device))
        with TemporaryDirectory() as folder:
            for name, content in self.files.items():
                (Path(folder) / name).write_bytes(content)
            return load_predictor(Path(folder), device)
