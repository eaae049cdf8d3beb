"""Every draw has a generator of its own."""

from spectralmamba.randomness import generator, torch_seed


def test_the_same_place_gives_the_same_draw_and_any_other_another():
    draws = {
        key: generator(*key).integers(2**60)
        for key in [(0, "order", 0, 0), (1, "order", 0, 0), (0, "noise", 0, 0), (0, "order", 1, 0), (0, "order", 0, 1)]
    }
    assert len(set(draws.values())) == len(draws)
    assert all(generator(*key).integers(2**60) == value for key, value in draws.items())


def test_seeds_for_pytorch_fit_into_63_bits():
    assert all(0 <= torch_seed(s, "weights") < 2**63 for s in range(50))
