"""A simulator of hyperspectral scenes: landscapes, materials and a sensor that look and behave like real ones."""

from spectralmamba.scenes.simulation.simulator import simulate_scene, simulate_scene_with_truth

__all__ = ["simulate_scene", "simulate_scene_with_truth"]
