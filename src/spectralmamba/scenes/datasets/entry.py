"""What the catalogue says about one benchmark data set."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["labels", "train", "test"]


@dataclass(frozen=True)
class DataFile:
    """A file of a data set, under the name that it has in the data set's folder.

    Parameters
    ----------
    name : str
    address : str, optional
        Where its owner gives it away without login or form. None where it has to be put in place by hand.
    sha256 : str, optional
        Of the published file, in hexadecimal digits; None where nobody has published it.
    variable : str, optional
        Which array of the file, where it holds several.
    page : str, optional
        For people, where it is another than the data set's.
    member : str, optional
        End of its path in the owner's archive, where that differs from the name.
    """

    name: str
    address: str | None = None
    sha256: str | None = None
    variable: str | None = None
    page: str | None = None
    member: str | None = None


@dataclass(frozen=True)
class LabelFile:
    """A label map of a data set.

    Parameters
    ----------
    role : {"labels", "train", "test"}
        All labelled pixels, or a part of the split that was published with them.
    file : DataFile
    counts : tuple of int
        Published number of pixels of each class, in the order of :attr:`Dataset.classes`.
    """

    role: Role
    file: DataFile
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Dataset:
    """A scene with its label maps: what it is, whose it is, and where it comes from.

    Parameters
    ----------
    name : str
        Key in the catalogue, name of its folder.
    title, sensor : str
    height, width, bands : int
        Size of the scene as published.
    classes : tuple of (int, str)
        Class numbers, as in the label maps, and names.
    scene : DataFile
    labels : tuple of LabelFile
        One with the role "labels", or "train" and "test".
    owner, page : str
        Who gives it away, in short, and the page for people.
    citation, terms : str
        What to cite; what is known of the conditions of use.
    by_hand : str, optional
        Why files without an address cannot be fetched ("the owner wants a form filled in").
    archive : str, optional
        Name of the owner's archive that holds those files.
    integers : bool
        Whether every value of the scene is a whole number, as raw counts and scaled reflectance are.
    notes : str, optional
        What a user should know about the data.
    """

    name: str
    title: str
    sensor: str
    height: int
    width: int
    bands: int
    classes: tuple[tuple[int, str], ...]
    scene: DataFile
    labels: tuple[LabelFile, ...]
    owner: str
    page: str
    citation: str
    terms: str
    by_hand: str | None = None
    archive: str | None = None
    integers: bool = True
    notes: str | None = None

    @property
    def files(self) -> tuple[DataFile, ...]:
        """The scene's file and those of the labels."""
        return (self.scene, *(labels.file for labels in self.labels))

    @property
    def labelled(self) -> int:
        """Number of labelled pixels, in all label maps together."""
        return sum(sum(labels.counts) for labels in self.labels)

    @property
    def is_open(self) -> bool:
        """Whether every file can be fetched without a person."""
        return all(file.address is not None for file in self.files)
