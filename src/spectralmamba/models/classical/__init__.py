"""Classifiers of scikit-learn as registered models: fitted at once, without a gradient."""

from spectralmamba.models.classical.model import ClassicalModel
from spectralmamba.models.classical.random_forest import RandomForest, RandomForestConfig
from spectralmamba.models.classical.svm import SVM, SVMConfig

__all__ = ["SVM", "ClassicalModel", "RandomForest", "RandomForestConfig", "SVMConfig"]
