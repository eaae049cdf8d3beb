"""``spectralmamba count``: what a model costs."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spectralmamba.cli.app import app

if TYPE_CHECKING:
    from spectralmamba.models import Costs
    from spectralmamba.models.published import PublishedCosts


@app.command()
def count(
    model: Annotated[str, typer.Argument(help="Name of a model, such as 'spectralmamba'.")],
    bands: Annotated[int, typer.Option(help="Number of bands.")],
    classes: Annotated[int, typer.Option(help="Number of classes.")],
    patch_size: Annotated[int, typer.Option(help="Odd; 1 is the pixelwise form.")] = 3,
    option: Annotated[list[str] | None, typer.Option(help="An option of the model, NAME=VALUE; repeatable.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count a model's parameters and multiply-accumulates (MACs)."""
    from spectralmamba.cli.console import note, say
    from spectralmamba.cli.options import parse_model_options
    from spectralmamba.models import count_costs, create_model
    from spectralmamba.models.published import published_costs

    options = parse_model_options(option)
    made = create_model(model, **(options | {"n_bands": bands, "n_classes": classes, "patch_size": patch_size}))
    costs = count_costs(made)
    if not made.trained_by_gradient:
        note(f"the size of {model} is known after training only; it is then in the run's metrics.json")
    published = published_costs(model, bands, classes, patch_size, options)
    if as_json:
        asked = {"model": model, "bands": bands, "classes": classes, "patch_size": patch_size}
        known = asdict(costs) if made.trained_by_gradient else dict.fromkeys(asdict(costs))
        typer.echo(json.dumps(asked | known | {"published": _compare(costs, published)}))
        return
    say(f"{model}, {bands} bands, {classes} classes, {'pixelwise' if patch_size == 1 else f'patch size {patch_size}'}")
    for name, meaning in MEANINGS.items() if made.trained_by_gradient else ():
        say(f"{name:>15} {getattr(costs, name):>12,}  {meaning}")
    if published is not None:
        say(_sentence(costs, published))


def _compare(costs: "Costs", published: "PublishedCosts | None") -> dict[str, Any] | None:
    """Put the published figures beside the difference of ours from them, in per cent; None where there are none."""
    if published is None:
        return None
    differences = {f"{name}_difference_percent": round(by, 2) for name, _, by in _differences(costs, published)}
    return asdict(published) | differences


def _differences(costs: "Costs", published: "PublishedCosts") -> list[tuple[str, float, float]]:
    """Each figure that is in print: its name, itself, and by how many per cent ours is larger."""
    from spectralmamba.models.published import difference_percent

    figures = [(name, getattr(costs, name), getattr(published, name)) for name in ("parameters", "macs")]
    return [(name, theirs, difference_percent(ours, theirs)) for name, ours, theirs in figures if theirs is not None]


def _sentence(costs: "Costs", published: "PublishedCosts") -> str:
    words = {"parameters": "parameters", "macs": "MACs"}
    figures = [
        f"{theirs:,.0f} {words[name]} (ours {_signed(by)} %)" for name, theirs, by in _differences(costs, published)
    ]
    return f"published in {published.source}: {' and '.join(figures)}"


def _signed(percent: float) -> str:
    digits = 1 if abs(percent) >= 0.1 else 2  # "+0.0" would say that they are equal
    return f"{percent:+.{digits}f}".replace("-", "−")


MEANINGS = {
    "parameters": "trainable",
    "macs": "of one sample: convolutions and linear layers (the paper's rule)",
    "macs_with_scan": "the same with the recurrence, or the products of attention",
    "macs_dense": "of one pixel of a whole scene, by the paper's rule",
    "macs_fixed": "of one pixel, in a fixed matrix before the layers; in none of the others",
}
