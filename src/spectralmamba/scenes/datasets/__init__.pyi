from .catalogue import CATALOGUE
from .entry import Dataset
from .obtain import download_dataset, verify_dataset
from .opening import OpenedDataset, dataset_files, open_dataset

__all__ = [
    "CATALOGUE",
    "Dataset",
    "OpenedDataset",
    "dataset_files",
    "download_dataset",
    "open_dataset",
    "verify_dataset",
]
