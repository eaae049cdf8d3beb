"""``spectralmamba count``: what a model costs."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from spectralmamba.cli.app import app


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
    from spectralmamba.cli.console import say
    from spectralmamba.cli.options import parse_model_options
    from spectralmamba.models import count_costs, create_model

    made = create_model(
        model, **(parse_model_options(option) | {"n_bands": bands, "n_classes": classes, "patch_size": patch_size})
    )
    costs = asdict(count_costs(made))
    if as_json:
        typer.echo(json.dumps({"model": model, "bands": bands, "classes": classes, "patch_size": patch_size} | costs))
        return
    say(f"{model}, {bands} bands, {classes} classes, {'pixelwise' if patch_size == 1 else f'patch size {patch_size}'}")
    for name, meaning in MEANINGS.items():
        say(f"{name:>15} {costs[name]:>12,}  {meaning}")


MEANINGS = {
    "parameters": "trainable",
    "macs": "of one sample: convolutions and linear layers (the paper's rule)",
    "macs_with_scan": "the same with the recurrence",
    "macs_dense": "of one pixel of a whole scene, by the paper's rule",
}
