"""The training loop, its recipe, checkpoints and the run directory."""

from spectralmamba.training.config import RunConfig
from spectralmamba.training.labelled import LabelledScene
from spectralmamba.training.options import TrainingOptions
from spectralmamba.training.run import Run
from spectralmamba.training.train import train

__all__ = ["LabelledScene", "Run", "RunConfig", "TrainingOptions", "train"]
