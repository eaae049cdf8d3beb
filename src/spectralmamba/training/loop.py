"""The training loop: AdamW on a one-cycle schedule, selection on validation pixels, randomness without state."""

import csv
import io
import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from spectralmamba.errors import RunError
from spectralmamba.models.classifier import Classifier
from spectralmamba.models.predictor import sample_logits
from spectralmamba.randomness import generator, torch_seed
from spectralmamba.sampling.patches import Samples
from spectralmamba.training.checkpoint import Checkpoint, CheckpointStore, optimiser_tensors, restore_optimiser
from spectralmamba.training.options import TrainingOptions

logger = logging.getLogger(__name__)

WARM_UP = 0.3  # share of the steps in which the learning rate rises


@dataclass(frozen=True)
class EpochRecord:
    """One row of ``history.csv``; validation is of the averaged weights where there are any."""

    epoch: int
    learning_rate: float
    train_loss: float
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float


@dataclass(frozen=True)
class FitResult:
    """What training gave, besides the weights in the model.

    Attributes
    ----------
    history : list of EpochRecord
    best_epoch : int
        The epoch whose weights were kept.
    stopped_early : bool
        Whether patience ran out.
    """

    history: list[EpochRecord]
    best_epoch: int
    stopped_early: bool


OnEpoch = Callable[[EpochRecord, int], None]


def fit(
    model: Classifier,
    train: Samples,
    validation: Samples | None,
    options: TrainingOptions,
    *,
    store: CheckpointStore | None = None,
    identity: str = "",
    on_epoch: OnEpoch | None = None,
    keep_last: bool = False,
) -> FitResult:
    """Train a model in place and leave the best weights in it.

    Parameters
    ----------
    model : Classifier
        Initialised, on the device to train on.
    train, validation : Samples
        Standardised. Without validation the last epoch's weights are kept.
    options : TrainingOptions
        The recipe.
    store : CheckpointStore, optional
        Where the state is kept after each epoch; a run found there goes on from its newest checkpoint.
    identity : str
        What the run is about; a checkpoint of another is refused.
    on_epoch : callable, optional
        Called with each record and the number of epochs to come at most.
    keep_last : bool
        Keep the last epoch's weights, whatever validation says.

    Raises
    ------
    RunError
        The checkpoint belongs to other data or options, or the loss is no longer finite.
    """
    trainer = _Trainer(model, train, validation, options, identity, keep_last)
    checkpoint = store.latest() if store is not None else None
    if checkpoint is not None:
        try:
            trainer.restore(checkpoint)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            if isinstance(error, RunError):
                raise
            raise RunError(
                f"the checkpoint of epoch {checkpoint.epoch} is damaged; start again with --overwrite"
            ) from error
    with torch_threads(options.threads):
        while not trainer.finished:
            record = trainer.run_epoch()
            if store is not None:
                store.save(trainer.checkpoint())
            if on_epoch is not None:
                on_epoch(record, trainer.epochs - record.epoch)
    model.load_state_dict(trainer.best_weights)
    return FitResult(trainer.history, trainer.best_epoch, trainer.epoch < trainer.epochs)


class _Trainer:
    """The state of a run in progress."""

    def __init__(
        self,
        model: Classifier,
        train: Samples,
        validation: Samples | None,
        options: TrainingOptions,
        identity: str,
        keep_last: bool,
    ) -> None:
        self.keep_last = keep_last
        self.model, self.train, self.validation, self.options = model, train, validation, options
        self.identity = identity
        self.device = next(model.parameters()).device
        self.weights = _class_weights(train.targets, model.n_classes, options.class_weights).to(self.device)
        # Fused: one call for all parameters, where a loop over them takes a seventh of the whole step.
        rates = [(parameters, factor * options.learning_rate) for parameters, factor in model.learning_rates()]
        self.optimiser = torch.optim.AdamW(
            [{"params": parameters, "lr": rate} for parameters, rate in rates],
            weight_decay=options.weight_decay,
            fused=self.device.type in {"cpu", "cuda"},
        )
        self.steps = math.ceil(len(train.targets) / options.batch_size)
        self.epochs = options.for_samples(len(train.targets)).epochs or 1
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser,
            [rate for _, rate in rates],
            total_steps=self.epochs * self.steps,
            pct_start=WARM_UP,
        )
        self.average = _moving_average(model, options.averaging, self.epochs * self.steps)
        self.epoch = 0
        self.history: list[EpochRecord] = []
        self.best_epoch, self.best_score = 0, -math.inf
        self.best_weights = _copy(self.candidate)

    @property
    def candidate(self) -> Classifier:
        """What is validated and, at its best, kept: the averaged weights where there are any."""
        if self.average is None:
            return self.model
        return cast("Classifier", self.average.module)

    @property
    def finished(self) -> bool:
        patience = self.options.patience
        waited = self.epoch - self.best_epoch
        return self.epoch >= self.epochs or (self.validation is not None and 0 < patience <= waited)

    def run_epoch(self) -> EpochRecord:
        started = time.perf_counter()
        loss = self._train_epoch()
        validation_loss, accuracy = self._validate()
        self.epoch += 1
        rate = float(self.schedule.get_last_lr()[0])
        record = EpochRecord(self.epoch, rate, loss, validation_loss, accuracy, time.perf_counter() - started)
        self.history.append(record)
        # Where the last is wanted, every epoch counts as better than the one before.
        score = self.epoch if validation_loss is None or self.keep_last else -validation_loss
        if score > self.best_score:
            self.best_epoch, self.best_score, self.best_weights = self.epoch, score, _copy(self.candidate)
        return record

    def _train_epoch(self) -> float:
        n, batch = len(self.train.targets), self.options.batch_size
        order = generator(self.options.seed, "order", self.epoch).permutation(n)
        self.model.train()
        total = 0.0
        for step in range(self.steps):
            chosen = order[step * batch : (step + 1) * batch]
            total += self._step(chosen, step) * len(chosen)
        if not math.isfinite(total):
            raise RunError(f"the loss is no longer finite in epoch {self.epoch + 1}; lower --learning-rate")
        return total / n

    def _step(self, chosen: NDArray[np.int64], step: int) -> float:
        x, y, noise = self._batch(chosen, step)
        self.optimiser.zero_grad(set_to_none=True)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.options.autocast and x.is_cuda):
            logits = self.model(x) if noise is None else self.model.forward_noisy(x, noise)
        loss = functional.cross_entropy(logits.float(), y, self.weights, label_smoothing=self.options.label_smoothing)
        loss.backward()  # type: ignore[no-untyped-call]
        if self.options.gradient_clip > 0:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.options.gradient_clip)
        self.optimiser.step()
        self.schedule.step()
        if self.average is not None:
            self.average.update_parameters(self.model)
        return loss.item()

    def _batch(self, chosen: NDArray[np.int64], step: int) -> tuple[Tensor, Tensor, Tensor | None]:
        """Samples, targets, and noise (B, C) where there is to be any."""
        seed = self.options.seed
        orientation = None
        if self.options.flips:
            orientation = generator(seed, "flips", self.epoch, step).integers(8, size=len(chosen))
        x = torch.from_numpy(self.train.batch(chosen, orientation))
        targets = torch.from_numpy(self.train.targets[chosen]).to(self.device)
        if self.options.noise == 0:
            return x.to(self.device), targets, None
        source = torch.Generator().manual_seed(torch_seed(seed, "noise", self.epoch, step))
        noise = self.options.noise * torch.randn(x.shape[:2], generator=source)
        return x.to(self.device), targets, noise.to(self.device)

    def _validate(self) -> tuple[float | None, float | None]:
        """Loss and overall accuracy on the validation pixels."""
        if self.validation is None:
            return None, None
        targets = torch.from_numpy(self.validation.targets)
        logits = torch.from_numpy(sample_logits(self.candidate, self.validation))
        loss = functional.cross_entropy(logits, targets, self.weights.cpu()).item()
        return loss, (logits.argmax(1) == targets).double().mean().item()

    def checkpoint(self) -> Checkpoint:
        tensors = {f"model.{k}": v for k, v in self.model.state_dict().items()}
        tensors |= {f"best.{k}": v for k, v in self.best_weights.items()}
        tensors |= optimiser_tensors(self.optimiser)
        if self.average is not None:
            tensors |= {f"average.{k}": v for k, v in self.average.state_dict().items()}
        facts = {
            "identity": self.identity,
            "best_epoch": self.best_epoch,
            "best_score": self.best_score,
            "history": [asdict(record) for record in self.history],
            "schedule": _plain(self.schedule.state_dict()),
            "groups": self.optimiser.state_dict()["param_groups"],
        }
        return Checkpoint(self.epoch, tensors, facts)

    def restore(self, checkpoint: Checkpoint) -> None:
        facts = checkpoint.facts
        if facts["identity"] != self.identity:
            raise RunError(
                "the checkpoint was made with other data or options; resume with the same ones or use --overwrite"
            )
        self.model.load_state_dict(_under(checkpoint.tensors, "model."))
        if self.average is not None:
            self.average.load_state_dict(_under(checkpoint.tensors, "average."))
        self.best_weights = _under(checkpoint.tensors, "best.")
        restore_optimiser(self.optimiser, checkpoint.tensors, facts["groups"])
        self.schedule.load_state_dict(facts["schedule"])
        self.epoch = checkpoint.epoch
        self.best_epoch, self.best_score = facts["best_epoch"], facts["best_score"]
        self.history = [EpochRecord(**record) for record in facts["history"]]
        logger.info("going on after epoch %d of %d", self.epoch, self.epochs)


@contextmanager
def torch_threads(n: int) -> Iterator[None]:
    """Let PyTorch use n threads for the length of a block."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def history_csv(history: list[EpochRecord]) -> str:
    """Write the history as CSV."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, [field.name for field in fields(EpochRecord)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(record) for record in history)
    return buffer.getvalue()


def _class_weights(targets: NDArray[np.int64], n_classes: int, kind: str) -> Tensor:
    counts = np.bincount(targets, minlength=n_classes)
    if kind == "none":
        return torch.ones(n_classes)
    return torch.from_numpy(len(targets) / (n_classes * np.maximum(counts, 1))).float()


def _moving_average(model: Classifier, decay: float, n_steps: int) -> AveragedModel | None:
    if decay == 0:
        return None
    # Over a fifth of the steps at most: a short training would otherwise end with weights close to the first.
    decay = min(decay, max(0.0, 1 - 5 / n_steps))
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay))  # type: ignore[no-untyped-call]


def _copy(model: Classifier) -> dict[str, Tensor]:
    return {key: value.detach().clone() for key, value in model.state_dict().items()}


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}


def _plain(state: dict[str, Any]) -> dict[str, Any]:
    """Keep what JSON can hold of a schedule's state; the rest is made anew with the schedule."""
    return {key: value for key, value in state.items() if isinstance(value, bool | int | float | str | list)}
