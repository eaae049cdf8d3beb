"""What a user can ask of training."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from spectralmamba.errors import ConfigError

STEPS, FEWEST, MOST = 600, 10, 300
"""Of the optimiser, and of epochs, where their number is not given: what matters is steps, not how often a pixel is
seen, as far as there are pixels enough (``docs/experiments.md``)."""


@dataclass(frozen=True)
class TrainingOptions:
    """The training recipe; the paper does not state its own. What was tried so far: ``docs/experiments.md``.

    Attributes
    ----------
    epochs : int, optional
        Passes over the training pixels; where not given, as many as make about :data:`STEPS` steps, at least
        :data:`FEWEST` and at most :data:`MOST`.
    batch_size : int
        Samples a step.
    learning_rate : float
        Peak of the one-cycle schedule (Smith & Topin 2018, arXiv 1708.07120).
    weight_decay : float
        Of AdamW (Loshchilov & Hutter 2017, arXiv 1711.05101).
    noise : float
        Standard deviation of Gaussian noise added to standardised, or whitened, spectra, the same for all pixels of a
        window; 0 for none.
    flips : bool
        Turn each patch by one of the square's eight symmetries.
    label_smoothing : float
        Share of the target spread over all classes.
    class_weights : {"none", "balanced"}
        ``balanced`` weighs each class by the inverse of its frequency, for AA rather than OA.
    gradient_clip : float
        Largest norm of the gradient; 0 for no limit.
    averaging : float
        Decay, a step, of the moving average of the weights that is validated and kept (Polyak & Juditsky 1992), less in
        a training of few steps; 0 to keep the weights themselves.
    refit : bool
        Train a second time, on training and validation pixels, once the latter have served to select and calibrate;
        the last epoch is kept. Without it, the epoch with the best validation is.
    patience : int
        Without ``refit``: stop after this many epochs without a better validation; 0 to run to the end.
    autocast : bool
        Compute in bfloat16 where it pays, on a GPU only.
    threads : int
        PyTorch's threads while training on a CPU. Sums are split among threads, so their number shows in the bits:
        with one the weights do not depend on the machine's number of cores. Models this small gain little from more,
        and lose much where other programs are at work (``docs/experiments.md``).
    seed : int
        Of weights, order, noise and flips.
    """

    epochs: int | None = None
    batch_size: int = 128
    learning_rate: float = 8e-3
    weight_decay: float = 0.2
    noise: float = 0.4
    flips: bool = True
    label_smoothing: float = 0.1
    class_weights: Literal["none", "balanced"] = "none"
    gradient_clip: float = 1.0
    averaging: float = 0.98
    refit: bool = True
    patience: int = 20
    autocast: bool = True
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs is not None:
            self._at_least("epochs", 1)
        for name, lowest in (("batch_size", 1), ("patience", 0), ("threads", 1), ("seed", 0)):
            self._at_least(name, lowest)
        for name in ("weight_decay", "noise", "gradient_clip"):
            self._at_least(name, 0)
        if not 0 < self.learning_rate < float("inf"):
            raise ConfigError(f"learning rate {self.learning_rate} is not possible; use a positive number")
        if not 0 <= self.label_smoothing < 1:
            raise ConfigError(f"label smoothing {self.label_smoothing} is not possible; use 0 <= s < 1")
        if not 0 <= self.averaging < 1:
            raise ConfigError(f"averaging {self.averaging} is not possible; use 0 <= a < 1")
        if self.class_weights not in ("none", "balanced"):
            raise ConfigError(f"class weights {self.class_weights!r} are not known; use 'none' or 'balanced'")

    def for_samples(self, n: int) -> "TrainingOptions":
        """Settle the number of epochs for n samples to learn from."""
        if self.epochs is not None:
            return self
        steps = math.ceil(n / self.batch_size)
        return replace(self, epochs=max(FEWEST, min(MOST, round(STEPS / steps))))

    def _at_least(self, name: str, lowest: int) -> None:
        value = getattr(self, name)
        if not lowest <= value < float("inf"):
            raise ConfigError(f"{name.replace('_', ' ')} {value} is not possible; use at least {lowest}")
