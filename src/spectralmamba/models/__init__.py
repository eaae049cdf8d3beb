"""SpectralMamba, its parts, the baselines, and the registry through which every model is made."""

from spectralmamba.models.cas_rnn import CasRNN, CasRNNConfig
from spectralmamba.models.classical import SVM, RandomForest, RandomForestConfig, SVMConfig
from spectralmamba.models.cnn import CNN, CNNConfig
from spectralmamba.models.config import SpectralMambaConfig
from spectralmamba.models.costs import Costs, count_costs
from spectralmamba.models.mlp import MLP, MLPConfig
from spectralmamba.models.plain_mamba import PlainMamba, PlainMambaConfig
from spectralmamba.models.registry import create_model, model_names, register_model
from spectralmamba.models.spectral_former import SpectralFormer, SpectralFormerConfig
from spectralmamba.models.spectral_mamba import SpectralMamba

__all__ = [
    "CNN",
    "MLP",
    "SVM",
    "CNNConfig",
    "CasRNN",
    "CasRNNConfig",
    "Costs",
    "MLPConfig",
    "PlainMamba",
    "PlainMambaConfig",
    "RandomForest",
    "RandomForestConfig",
    "SVMConfig",
    "SpectralFormer",
    "SpectralFormerConfig",
    "SpectralMamba",
    "SpectralMambaConfig",
    "count_costs",
    "create_model",
    "model_names",
    "register_model",
]
