"""Threads of PyTorch in the tests of models."""

import pytest
import torch


@pytest.fixture(autouse=True)
def threads():
    """One thread, or as many as the test sets by calling this; put back afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield torch.set_num_threads
    torch.set_num_threads(before)
