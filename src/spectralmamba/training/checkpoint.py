"""Checkpoints: everything a run needs to go on as if it had never stopped, as safetensors and JSON."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from spectralmamba.errors import RunError
from spectralmamba.files import replacing_folder

KEPT = 2  # the newest, and the one before it in case the newest is found damaged


@dataclass(frozen=True)
class Checkpoint:
    """State after a whole number of epochs.

    Attributes
    ----------
    epoch : int
        Epochs done.
    tensors : dict of str to Tensor
        Weights, best weights and the optimiser's moments.
    facts : dict
        JSON-able: schedule, history, best epoch and score, what the run is about.
    """

    epoch: int
    tensors: dict[str, Tensor]
    facts: dict[str, Any]


class CheckpointStore:
    """A folder of checkpoints, each a folder that appears under its name only when whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint and forget those older than the one before it.

        Raises
        ------
        OutputError
            It cannot be written; those before it are still there.
        """
        tensors = {key: value.detach().cpu().contiguous() for key, value in checkpoint.tensors.items()}
        with replacing_folder(self.folder / f"epoch_{checkpoint.epoch:05d}") as partial:
            (partial / "state.safetensors").write_bytes(save(tensors))
            (partial / "state.json").write_text(json.dumps(checkpoint.facts), encoding="utf-8")
        for old in self._folders()[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)

    def latest(self) -> Checkpoint | None:
        """Read the newest whole checkpoint; None where there is none.

        Raises
        ------
        RunError
            There are checkpoints, but none can be read.
        """
        folders = self._folders()
        for folder in reversed(folders):
            try:
                facts = json.loads((folder / "state.json").read_text(encoding="utf-8"))
                return Checkpoint(
                    int(folder.name.removeprefix("epoch_")), load_file(folder / "state.safetensors"), facts
                )
            except (OSError, ValueError, SafetensorError):
                continue
        if folders:
            raise RunError(f"no checkpoint in {self.folder} can be read; start again with --overwrite")
        return None

    def _folders(self) -> list[Path]:
        return sorted(self.folder.glob("epoch_*")) if self.folder.is_dir() else []


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Flatten the optimiser's moments for safetensors."""
    state: dict[int, dict[str, Tensor]] = optimiser.state_dict()["state"]
    return {f"optimiser.{i}.{name}": value for i, entry in state.items() for name, value in entry.items()}


def restore_optimiser(
    optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor], groups: list[dict[str, Any]]
) -> None:
    """Put back what :func:`optimiser_tensors` and the parameter groups' JSON hold."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("optimiser."):
            _, index, name = key.split(".")
            state.setdefault(int(index), {})[name] = value
    restored = [group | {"betas": tuple(group["betas"])} for group in groups]
    optimiser.load_state_dict({"state": state, "param_groups": restored})
