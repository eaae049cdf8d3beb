from .ablation import ablation_table, figure_ablation
from .accuracy_macs import figure_accuracy_macs
from .class_bars import figure_classes
from .panel import figure_panel
from .radar import figure_radar
from .sweep import figure_sweep

__all__ = [
    "ablation_table",
    "figure_ablation",
    "figure_accuracy_macs",
    "figure_classes",
    "figure_panel",
    "figure_radar",
    "figure_sweep",
]
