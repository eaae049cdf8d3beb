"""What has been published of the models' sizes, to hold ours against.

Figures for 145 bands and 14 classes. All but one are from Yao, Hong, Li, Chanussot 2024 (arXiv 2404.08489), Botswana.
The paper gives MACs for a batch of 64. Its patches of 3×3 follow from the figures of SpectralMamba and SpectralFormer.
The one is the size of the model that SpectralFormer's authors released (arXiv 2107.02988), at their patches of 7×7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BATCH = 64
N_BANDS, N_CLASSES = 145, 14
SOURCE = "arXiv 2404.08489, Botswana"


@dataclass(frozen=True)
class PublishedCosts:
    """Published costs of one form of a model.

    Attributes
    ----------
    parameters : int
        As rounded in print.
    macs : float or None
        Of one sample: the printed figure for a batch of 64, rounded to 0.01 M, divided by 64. None where nothing is in
        print.
    source : str
        Where they are from.
    """

    parameters: int
    macs: float | None
    source: str = SOURCE


_PIXELWISE = {"spectralmamba": PublishedCosts(12_330, 23.39e6 / BATCH)}
_PATCHWISE = {
    "spectralmamba": PublishedCosts(34_960, 36.25e6 / BATCH),
    "casrnn": PublishedCosts(353_250, 572.31e6 / BATCH),
    "spectralformer": PublishedCosts(74_030, 685.89e6 / BATCH),
}
_RELEASED, _RELEASED_PATCH = PublishedCosts(237_000, None, "the code released with arXiv 2107.02988"), 7


def published_costs(
    model: str, n_bands: int, n_classes: int, patch_size: int, options: Mapping[str, Any] | None = None
) -> PublishedCosts | None:
    """Give what has been published of a model's size, where bands, classes and form are those of the publication.

    Parameters
    ----------
    model : str
        Registered name.
    n_bands, n_classes : int
        C and K.
    patch_size : int
        1 for the pixelwise form; any other is the patchwise form.
    options : mapping, optional
        Of the model, of which ``configuration`` tells the two SpectralFormers apart.

    Returns
    -------
    PublishedCosts or None
    """
    if (n_bands, n_classes) != (N_BANDS, N_CLASSES):
        return None
    if model == "spectralformer" and (options or {}).get("configuration") == "released":
        return _RELEASED if patch_size == _RELEASED_PATCH else None
    return (_PIXELWISE if patch_size == 1 else _PATCHWISE).get(model)


def difference_percent(ours: float, published: float) -> float:
    """By how many per cent of the published figure ours is larger; negative where it is smaller."""
    return 100 * (ours - published) / published
