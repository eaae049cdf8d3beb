import pytest

from spectralmamba.scenes.simulation import simulate_scene_with_truth


@pytest.fixture(scope="session")
def demo():
    """Scene, labels and truth at the demo's size."""
    return simulate_scene_with_truth(seed=1)
