"""The twelve materials, ordered so that the first n make a sensible landscape for every n."""

from spectralmamba.scenes.simulation.materials import Material, Matter

_SOIL = Matter(
    0.42,
    {"albedo": (0.0, 0.22), "organic": (1.15, 0.25), "iron_oxide": (0.30, 0.35), "clay": (0.30, 0.40),
     "leaf_water": (0.22, 0.60), "tilt": (0.0, 0.08)},
)  # fmt: skip
_SHADE = Matter(0.03, {"albedo": (0.0, 0.3)})
_WATER = Matter(
    0.075,
    {"albedo": (0.0, 0.30), "deep_water": (1.05, 0.20), "organic": (0.55, 0.40), "chlorophyll": (0.22, 0.50)},
)


def _leaves(reflectance: float, pigment: float, moisture: float, fibre: float) -> Matter:
    traits = {
        "albedo": (0.0, 0.13),
        "chlorophyll": (pigment, 0.20),
        "leaf_water": (moisture, 0.22),
        "cellulose": (fibre, 0.40),
        "tilt": (0.0, 0.05),
    }
    return Matter(reflectance, traits)


CROP = Material("crop", "#7fc241", _leaves(0.55, 2.5, 1.00, 0.05), _SOIL, (1.7, 0.5))
BARE_SOIL = Material("bare soil", "#a9714b", _SOIL)
WATER = Material("water", "#2f6fb7", _WATER, variation=(0.0, 0.3, 0.7))
BROADLEAF = Material("broadleaf forest", "#1b7a3d", _leaves(0.44, 2.9, 1.10, 0.14), _SHADE, (1.2, 0.5))
ASPHALT = Material(
    "asphalt",
    "#5b5b66",
    Matter(0.17, {"albedo": (0.0, 0.25), "organic": (0.45, 0.30), "hydrocarbon": (0.10, 0.50), "tilt": (0.0, 0.08),
                  "carbonate": (0.08, 0.6)}),
)  # fmt: skip
MEADOW = Material("meadow", "#c5dd6b", _leaves(0.46, 1.85, 0.55, 0.32), _SOIL, (1.2, 0.5))
CLAY_ROOF = Material(
    "clay roof",
    "#d1432f",
    Matter(0.38, {"albedo": (0.0, 0.25), "iron_oxide": (1.25, 0.20), "organic": (0.45, 0.30), "clay": (0.12, 0.5),
                  "tilt": (0.0, 0.08)}),
)  # fmt: skip
CONCRETE_ROOF = Material(
    "concrete roof",
    "#b9b4c7",
    Matter(0.33, {"albedo": (0.0, 0.25), "organic": (0.50, 0.30), "carbonate": (0.22, 0.40), "leaf_water": (0.10, 0.5),
                  "hydrocarbon": (0.05, 0.5), "tilt": (-0.03, 0.08)}),
)  # fmt: skip
STUBBLE = Material(
    "stubble",
    "#e3c565",
    Matter(0.50, {"albedo": (0.0, 0.15), "organic": (1.45, 0.15), "cellulose": (0.35, 0.25), "leaf_water": (0.25, 0.4),
                  "chlorophyll": (0.15, 0.5)}),
    _SOIL,
    (0.9, 0.6),
)  # fmt: skip
SAND = Material(
    "sand",
    "#f4e8c1",
    Matter(0.55, {"albedo": (0.0, 0.14), "organic": (0.95, 0.20), "iron_oxide": (0.20, 0.35), "clay": (0.10, 0.4),
                  "leaf_water": (0.15, 0.6), "carbonate": (0.15, 0.4)}),
)  # fmt: skip
REED = Material("reed", "#4fa3a0", _leaves(0.40, 2.0, 0.75, 0.25), _WATER, (0.9, 0.6))
CONIFER = Material("conifer forest", "#0d4a2f", _leaves(0.33, 3.1, 1.15, 0.18), _SHADE, (1.0, 0.5))

MATERIALS: tuple[Material, ...] = (
    CROP, BARE_SOIL, WATER, BROADLEAF, ASPHALT, MEADOW, CLAY_ROOF, CONCRETE_ROOF, STUBBLE, SAND, REED, CONIFER,
)  # fmt: skip
"""Class number k is ``MATERIALS[k - 1]``."""
