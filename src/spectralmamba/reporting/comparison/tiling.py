"""How many pictures of one shape stand side by side so that each is as large as the page allows."""

from dataclasses import dataclass

GAP = 0.16  # inches between pictures
TALLEST = 8.8  # inches of all rows together
WIDEST_PICTURE = 6.5  # inches


@dataclass(frozen=True)
class Tiling:
    """Pictures in rows.

    Attributes
    ----------
    columns, rows : int
    width, height : float
        Of a picture, in inches.
    heading : float
        Inches above each picture for its title.
    """

    columns: int
    rows: int
    width: float
    height: float
    heading: float

    @property
    def total(self) -> float:
        """Height of all rows with their headings, in inches."""
        return self.rows * (self.height + self.heading) + (self.rows - 1) * GAP

    @property
    def used(self) -> float:
        """Width of a row, in inches."""
        return self.columns * self.width + (self.columns - 1) * GAP

    def place(self, index: int) -> tuple[float, float]:
        """Left and lower edge of a picture in inches, in reading order, from the lower left corner of all."""
        row, column = divmod(index, self.columns)
        return column * (self.width + GAP), (self.rows - 1 - row) * (self.height + self.heading + GAP)


def tile(aspect: float, count: int, page: float, heading: float) -> Tiling:
    """Arrange ``count`` pictures of one width : height on a page of this width.

    Parameters
    ----------
    aspect : float
        Width : height.
    count : int
    page, heading : float
        In inches.
    """
    return max((_with_columns(aspect, count, page, heading, columns) for columns in range(1, count + 1)), key=_size)


def _size(tiling: Tiling) -> tuple[float, int]:
    """Larger pictures first; of equal ones, fewer rows."""
    return round(tiling.width, 3), -tiling.rows


def _with_columns(aspect: float, count: int, page: float, heading: float, columns: int) -> Tiling:
    rows = -(-count // columns)
    tallest = max((TALLEST - (rows - 1) * GAP) / rows - heading, 0.1)
    width = min((page - (columns - 1) * GAP) / columns, tallest * aspect, WIDEST_PICTURE)
    return Tiling(columns, rows, width, width / aspect, heading)
