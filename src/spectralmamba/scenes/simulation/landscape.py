"""The landscape: which material lies where, on a grid finer than the sensor's pixels.

Painted like a map, from the large to the small: parcels, woods, settlements, roads, a river with its banks, buildings.
A material that is not among the classes asked for is not painted, so any number of classes makes a landscape.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from spectralmamba.scenes.simulation.catalogue import MATERIALS
from spectralmamba.scenes.simulation.fields import Classes, Floats, Integers, Mask, smooth_field, stream, top_share
from spectralmamba.scenes.simulation.shapes import Stamp, blob, rectangle

OVERSAMPLING = 3
"""Cells per pixel and axis."""

PARCEL_PIXELS = 26.0
"""Distance between the parcels' centres in a scene of 200 × 200 pixels or more; smaller scenes have smaller ones."""

NUMBER = {material.name: number for number, material in enumerate(MATERIALS, start=1)}
FARMING = {"crop": 0.38, "bare soil": 0.22, "meadow": 0.26, "stubble": 0.14}


@dataclass
class Landscape:
    """Class number and parcel (each building is its own) of every cell; ``pixel`` is a feature's unit in cells."""

    cover: Classes
    parcel: Integers
    n_classes: int
    seed: int
    pixel: float
    n_parcels: int = 0

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the fine grid."""
        return self.cover.shape[0], self.cover.shape[1]

    def field(self, purpose: str, pixels: float, roughness: float = 3.0) -> Floats:
        """Draw a smooth field with structures of so many pixels."""
        return smooth_field(self.shape, pixels * self.pixel, stream(self.seed, purpose), roughness)

    def has(self, name: str) -> bool:
        """Tell whether the scene has this material."""
        return NUMBER[name] <= self.n_classes

    def paint(self, name: str, where: Mask) -> None:
        """Cover cells with a material, where the scene has it."""
        if self.has(name):
            self.cover[where] = NUMBER[name]

    def stamp(self, number: int, stamp: Stamp) -> None:
        """Cover a stamp's cells and make them a parcel of their own."""
        self.cover[stamp.rows, stamp.columns][stamp.mask] = number
        self.parcel[stamp.rows, stamp.columns][stamp.mask] = self.n_parcels
        self.n_parcels += 1

    def divide(self, where: Mask, cells: Integers, count: int) -> None:
        """Make new parcels of numbered cells."""
        self.parcel[where] = cells[where] + self.n_parcels
        self.n_parcels += count


def make_landscape(height: int, width: int, n_classes: int, seed: int) -> Landscape:
    """Draw the landscape of a scene.

    Parameters
    ----------
    height, width : int
        Of the scene in pixels.
    n_classes : int
        The first so many materials occur.
    seed : int
        Same seed, same landscape.
    """
    shape = (height * OVERSAMPLING, width * OVERSAMPLING)
    shrink = float(np.clip(np.sqrt(height * width) / 200, 0.2, 1.0))
    land = Landscape(np.ones(shape, np.uint8), np.zeros(shape, np.int32), n_classes, seed, OVERSAMPLING * shrink)
    _plough(land)
    _plant_woods(land)
    settled = _settle(land)
    _lay_roads(land)
    _fill_river(land)
    _build(land, settled)
    _complete(land)
    return land


def _cells(land: Landscape, purpose: str, pixels: float, stretch: float = 1.0) -> tuple[Integers, Floats, int]:
    """Cut the plane into warped Voronoi cells: number of each cell, distance to its border (cells), and their count."""
    rng = stream(land.seed, purpose)
    spacing = pixels * land.pixel
    warp = [0.3 * spacing * land.field(f"{purpose} warp {axis}", 1.5 * pixels) for axis in "yx"]
    y = np.arange(land.shape[0], dtype=np.float32)[:, None] + warp[0]
    x = np.arange(land.shape[1], dtype=np.float32)[None, :] + warp[1]
    turn = rng.uniform(0, np.pi)
    u = (y * np.cos(turn) + x * np.sin(turn)) * stretch
    v = (x * np.cos(turn) - y * np.sin(turn)) / stretch
    points = np.stack([u.ravel(), v.ravel()], axis=1).astype(np.float32)
    low, high = points.min(axis=0), points.max(axis=0)
    count = max(int(np.prod((high - low) / spacing)), 3)
    centres = _spread(low, high, count, spacing, rng)
    distance, nearest = cKDTree(centres).query(points, k=2)
    border = (distance[:, 1] - distance[:, 0]) / 2
    return (
        nearest[:, 0].reshape(land.shape).astype(np.int32),
        border.reshape(land.shape).astype(np.float32),
        len(centres),
    )


def _spread(low: np.ndarray, high: np.ndarray, count: int, spacing: float, rng: np.random.Generator) -> np.ndarray:
    """Scatter points, and drop those that lie closer than half the spacing to an earlier one."""
    centres = rng.uniform(low, high, (2 * count, 2))
    crowded = cKDTree(centres).query_pairs(0.5 * spacing, output_type="ndarray")
    keep = np.ones(len(centres), bool)
    keep[crowded.max(axis=1)] = False
    return np.asarray(centres[keep] if keep.sum() >= 3 else centres[:3])


def _plough(land: Landscape) -> None:
    parcel, _, count = _cells(land, "parcels", PARCEL_PIXELS, stretch=1.25)
    names = [name for name in FARMING if land.has(name)]
    share = np.array([FARMING[name] for name in names])
    # Dealt like cards, not drawn: no seed leaves a crop out.
    deck = np.searchsorted(np.cumsum(share / share.sum()), (np.arange(count) + 0.5) / count)
    crops = stream(land.seed, "crop rotation").permutation(deck)
    land.cover[:] = np.array([NUMBER[name] for name in names], np.uint8)[crops[parcel]]
    land.divide(np.ones(land.shape, bool), parcel, count)


def _plant_woods(land: Landscape) -> None:
    woods = top_share(land.field("woods", 55, 2.6), 0.20)
    land.paint("broadleaf forest", woods)
    land.paint("conifer forest", woods & (land.field("conifers", 35, 2.8) > 0.2))


def _settle(land: Landscape) -> Mask:
    """Turn part of the land into blocks of houses, and give where that is."""
    settled = top_share(land.field("settlement", 70, 3.2), 0.17)
    if not land.has("asphalt"):
        return settled
    block, border, count = _cells(land, "blocks", 16)
    paved = (stream(land.seed, "yards").random(count) < 0.35)[block] & settled
    garden = settled & ~paved
    land.paint("meadow", garden)
    land.paint("asphalt", paved | (settled & (border < 0.9 * land.pixel)))
    land.divide(settled, block, count)
    return settled


def _lay_roads(land: Landscape) -> None:
    _, border, _ = _cells(land, "roads", 90)
    land.paint("asphalt", border < 1.2 * land.pixel)


def _fill_river(land: Landscape) -> None:
    if not land.has("water"):
        return
    distance = _river_distance(land)
    lake = top_share(land.field("lakes", 40), 0.025)
    distance = np.minimum(distance, ndimage.distance_transform_edt(~lake).astype(np.float32))
    bank = land.field("banks", 30)
    reach = land.pixel * (5 + 2 * land.field("bank width", 20))
    land.paint("sand", (distance < reach) & (bank < -0.5))
    land.paint("reed", (distance < reach) & (bank > 0.4))
    land.paint("water", distance <= 0)


def _river_distance(land: Landscape) -> Floats:
    """Give about the distance to the river's bank in cells, negative in the river, which follows the longer side."""
    rows, columns = land.shape
    length, across = max(land.shape), min(land.shape)
    meander = smooth_field((length, 8), 90 * land.pixel, stream(land.seed, "meander"), 4.0)[:, 0]
    centre = across * stream(land.seed, "river").uniform(0.3, 0.7) + 16 * land.pixel * meander
    slope = np.gradient(centre)
    beside = np.abs(np.arange(across)[None, :] - centre[:, None]) / np.sqrt(1 + slope**2)[:, None]
    beside = beside if rows >= columns else beside.T
    half_width = land.pixel * (4.5 + 1.2 * land.field("river width", 40))
    return np.asarray(beside - np.maximum(half_width, 1.5 * land.pixel), np.float32)


def _build(land: Landscape, settled: Mask) -> None:
    """Put buildings into the settlement: small ones with clay roofs, large ones with concrete, by quarter."""
    if not land.has("clay roof"):
        return
    rng = stream(land.seed, "buildings")
    ground = np.flatnonzero(settled & (land.cover != NUMBER["water"]))
    industry = land.field("industry", 30)
    north = land.field("street direction", 60) * 0.5
    for cell in rng.choice(ground, max(int(len(ground) / (95 * land.pixel**2)), 1)):
        at = np.unravel_index(cell, land.shape)
        large = land.has("concrete roof") and industry[at] + 0.5 * rng.standard_normal() > 0
        half = rng.uniform(3.0, 5.5, 2) if large else rng.uniform(2.2, 3.8, 2)
        sides = (float(half[0] * land.pixel), float(half[1] * land.pixel))
        stamp = rectangle(land.shape, (float(at[0]), float(at[1])), sides, float(north[at]))
        land.stamp(NUMBER["concrete roof" if large else "clay roof"], stamp)


def _complete(land: Landscape) -> None:
    """Add ponds, groves, yards … of the materials that came out scarce, where there is most of others."""
    rng = stream(land.seed, "completion")
    least = 0.32 / land.n_classes * land.cover.size
    for _ in range(8):
        counts = np.bincount(land.cover.ravel(), minlength=land.n_classes + 1)
        scarce = [number for number in range(1, land.n_classes + 1) if counts[number] < least]
        for number in scarce:
            _scatter(land, number, float(least - counts[number]), rng)


def _scatter(land: Landscape, number: int, area: float, rng: np.random.Generator) -> None:
    """Stamp blobs of a material, of about the given area (cells) together, onto the commonest other materials."""
    counts = np.bincount(land.cover.ravel(), minlength=land.n_classes + 1)
    common = counts >= 0.5 * counts.max()
    common[number] = False
    places = np.flatnonzero(common[land.cover.ravel()])
    if not len(places):
        return
    radius = max(6.0 * land.pixel, 1.5 * OVERSAMPLING)
    for place in rng.choice(places, int(np.ceil(area / (np.pi * radius**2)))):
        row, column = np.unravel_index(place, land.shape)
        size = max(radius * rng.uniform(0.7, 1.3), 1.5 * OVERSAMPLING)
        land.stamp(number, blob(land.shape, (float(row), float(column)), size, rng))
