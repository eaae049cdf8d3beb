from .confusion import figure_confusion
from .curves import figure_training
from .maps import figure_scene
from .notebook import plot_false_colour, plot_map_overlay, plot_spectra
from .report import write_report
from .spectra import figure_spectra

__all__ = [
    "figure_confusion",
    "figure_scene",
    "figure_spectra",
    "figure_training",
    "plot_false_colour",
    "plot_map_overlay",
    "plot_spectra",
    "write_report",
]
