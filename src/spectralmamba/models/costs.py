"""What a model costs: parameters and multiply-accumulates."""

from dataclasses import dataclass

from spectralmamba.models.classifier import Classifier


@dataclass(frozen=True)
class Costs:
    """Costs of one model.

    Attributes
    ----------
    parameters : int
        Numbers that training sets; 0 before it for a model that is not trained by gradient.
    macs : int
        Of one sample, by the paper's rule: convolutions and linear layers.
    macs_with_scan : int
        The same with the recurrence, or the products of attention.
    macs_dense : int
        Of one pixel of a whole scene, by the paper's rule; neighbours share what they can.
    macs_fixed : int
        Of one pixel, in a fixed matrix that decorrelates its bands; in none of the others.
    """

    parameters: int
    macs: int
    macs_with_scan: int
    macs_dense: int
    macs_fixed: int = 0


def count_costs(model: Classifier) -> Costs:
    """Count a registered model from the formulas of its layers.

    Parameters
    ----------
    model : Classifier
    """
    count = model.macs()
    return Costs(
        parameters=model.count_parameters(),
        macs=count.patch,
        macs_with_scan=count.patch + count.scan,
        macs_dense=count.dense,
        macs_fixed=count.fixed,
    )
