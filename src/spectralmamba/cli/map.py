"""``spectralmamba map``: a trained run and scenes in, maps out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spectralmamba.cli import cluster, scene_options
from spectralmamba.cli.app import app

if TYPE_CHECKING:
    import xarray as xr


@app.command("map")
def map_command(
    run: Annotated[Path, typer.Argument(help="Run directory that 'train' wrote.")],
    scene: Annotated[list[Path], typer.Argument(help="GeoTIFF, folder of tiles, .mat …; several go into a folder.")],
    out: Annotated[Path, typer.Option(help="The map, a GeoTIFF or a .zarr; or a folder, for one or several scenes.")],
    confidence: Annotated[
        Path | None, typer.Option(help="Also write the confidence of each pixel; for several scenes another folder.")
    ] = None,
    probabilities: Annotated[
        Path | None,
        typer.Option(help="Also write the probability of each class; for several scenes a folder."),
    ] = None,
    polygons: Annotated[
        Path | None, typer.Option(help="Also write the map as polygons, a .gpkg; for several scenes a folder.")
    ] = None,
    sieve: Annotated[
        int,
        typer.Option(help="Patches of fewer than N pixels take the class of their surroundings.", metavar="N"),
    ] = 1,
    figure: Annotated[Path | None, typer.Option(help="Also draw scene, map and what else there is, a PNG.")] = None,
    labels: Annotated[Path | None, typer.Option(help="For the figure: labels on the scene's grid.")] = None,
    tile: Annotated[
        int | None,
        typer.Option(help="Work on about N × N pixels at once (default 256, fewer with many bands).", metavar="N"),
    ] = None,
    mask: scene_options.Mask = None,
    no_quality: scene_options.NoQuality = False,
    fill_gaps: scene_options.FillGaps = 0,
    resample: scene_options.Resample = False,
    variable: scene_options.Variable = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    half: Annotated[
        bool, typer.Option("--half", help="Compute in float16, on a GPU; what that changes is measured and printed.")
    ] = False,
    scheduler: cluster.Scheduler = None,
    workers: cluster.Workers = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an unfinished map; of several scenes, skip those with a map.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an existing map, or an unfinished one.")
    ] = False,
) -> None:
    """Classify every pixel of one or several scenes.

    Exit code 2 if a scene has no map at the end, 0 otherwise.
    """
    cluster.check_options(scheduler, workers, half=half)
    cluster.begin_to_load(workers)  # before this process does

    from dataclasses import replace

    from spectralmamba.cli.map_many import map_many
    from spectralmamba.cli.map_one import MapJob, map_one
    from spectralmamba.cli.map_targets import Targets, check_folders, check_options, is_folder
    from spectralmamba.mapping.predictor import scene_for, uses_water_vapour
    from spectralmamba.models.digest import model_identity
    from spectralmamba.models.saved import load_predictor, pick_device
    from spectralmamba.scenes.options import SceneOptions

    check_options(resume=resume, overwrite=overwrite)
    targets = Targets(out, confidence, figure, probabilities, polygons, sieve)
    inputs = [path for path in (labels, mask) if path is not None]
    into_folder = len(scene) > 1 or is_folder(out)
    if into_folder:
        check_folders(targets, inputs)
    elif not (resume and targets.are_whole):  # else it is seen what they were made from
        targets.check(run, [scene[0], *inputs], resume=resume, overwrite=overwrite)
    place = str(pick_device(device))
    options = SceneOptions(variable, None if mask is None else str(mask), not no_quality, fill_gaps)
    asked = {f"--{name}": value for name, value in options.to_config().items() if name != "mask"}
    asked |= {"--resample": "yes"} if resample else {}
    asked |= {"--sieve": str(sieve)} if sieve > 1 else {}
    asked |= {"--half": "float16"} if half else {}
    predictor = load_predictor(run, place, "float16" if half else None)
    options = replace(options, keep_water_vapour=uses_water_vapour(predictor))
    exact = replace(predictor, half=None) if half else None

    def open_matched(path: Path) -> "xr.DataArray":
        # Workers may stand in another folder.
        found = path.absolute() if scheduler is not None else path
        return scene_for(predictor, options.open(found), resample=resample)

    with cluster.schedule_on(scheduler, workers, run, place) as schedule:
        identity = model_identity(run, place) | asked
        job = MapJob(predictor, identity, open_matched, tile, resume, overwrite, schedule, exact)
        if not into_folder:
            map_one(job, scene[0], targets, labels)
        complete = not into_folder or map_many(job, run, scene, targets)
    if not complete:
        raise typer.Exit(2)
