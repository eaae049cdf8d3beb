from .class_table import ClassTable
from .opening import open_labels

__all__ = [
    "ClassTable",
    "open_labels",
]
