"""One class table for all label maps of a run."""

import logging

import xarray as xr

from spectralmamba.errors import LabelError
from spectralmamba.labels import ClassTable
from spectralmamba.labels.class_table import classes_of
from spectralmamba.labels.matching import match_labels, require_names

logger = logging.getLogger(__name__)


class CommonClasses:
    """Numbers the classes of one label map after the other in common.

    Names decide where two maps number one class differently, and where the numbers of one were made up for its names,
    as those of polygons with text are. Two names of one number that both files give are an error: it cannot be told
    whether one class is spelled in two ways. So are numbers without names beside names without numbers.
    """

    def __init__(self) -> None:
        self.table = ClassTable(())
        self._by_name = False

    def number(self, labels: xr.DataArray) -> xr.DataArray:
        """Give a label map the common numbers, and the table the map's further classes.

        Parameters
        ----------
        labels : DataArray (y, x)
            As :func:`spectralmamba.open_labels` gives it.

        Raises
        ------
        LabelError
            Its classes do not go with those of the maps before it.
        """
        source = labels.attrs.get("source", "the labels")
        try:
            if self._by_name:
                require_names(classes_of(labels))
            if len(self.table):
                labels, remark = match_labels(labels, self.table)
                if remark is not None:
                    logger.warning("%s: %s", source, remark)
            self.table = self.table.union(classes_of(labels))
        except LabelError as error:
            raise LabelError(f"{source}: {error}") from error
        self._by_name |= bool(labels.attrs.get("by_name"))
        return labels
