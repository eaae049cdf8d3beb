"""SpectralMamba, its parts, and the registry through which every model is made."""

from spectralmamba.models.config import SpectralMambaConfig
from spectralmamba.models.costs import Costs, count_costs
from spectralmamba.models.registry import create_model, model_names, register_model
from spectralmamba.models.spectral_mamba import SpectralMamba

__all__ = [
    "Costs",
    "SpectralMamba",
    "SpectralMambaConfig",
    "count_costs",
    "create_model",
    "model_names",
    "register_model",
]
