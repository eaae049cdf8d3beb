"""Where the panels of a figure of maps go: side by side, stacked or in a square, by the shape of the scene."""

from dataclasses import dataclass

MARGIN, GAP, HEADING = 0.2, 0.22, 0.3  # inches; the heading is the strip for a panel's title
BAR_STRIP = 0.75  # inches right of the panels, for the colour bar and its numbers
WIDEST, NARROWEST = 11.0, 6.5  # inches of the figure
TALLEST_PANEL = 6.5  # inches; for panels side by side half as much again
STACK_ABOVE, ROW_BELOW = 2.5, 0.7  # width : height of the scene

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Layout:
    """Places in inches from the figure's lower left corner.

    Attributes
    ----------
    width, height : float
        Of the figure.
    panels : tuple of (left, bottom, width, height)
        In reading order.
    """

    width: float
    height: float
    panels: tuple[Box, ...]

    def share(self, box: Box) -> Box:
        """Turn inches into shares of the figure, as matplotlib wants them."""
        left, bottom, width, height = box
        return left / self.width, bottom / self.height, width / self.width, height / self.height


def columns_for(aspect: float, count: int) -> int:
    """Choose how many panels stand side by side: one for long scenes, all for high ones, else two."""
    if aspect > STACK_ABOVE:
        return 1
    return count if aspect < ROW_BELOW else min(2, count)


def panel_size(aspect: float, columns: int) -> tuple[float, float]:
    """Give width and height of a panel in inches, as large as the figure allows."""
    width = (WIDEST - 2 * MARGIN - BAR_STRIP - (columns - 1) * GAP) / columns
    tallest = TALLEST_PANEL * (1.5 if aspect < ROW_BELOW else 1.0)
    height = min(width / aspect, tallest)
    return height * aspect, height


def figure_width(aspect: float, count: int) -> float:
    """Width of the figure in inches."""
    columns = columns_for(aspect, count)
    panels = columns * panel_size(aspect, columns)[0] + (columns - 1) * GAP
    return max(panels + BAR_STRIP + 2 * MARGIN, NARROWEST)


def arrange(aspect: float, count: int, legend_height: float) -> Layout:
    """Place ``count`` panels of one shape above a legend.

    Parameters
    ----------
    aspect : float
        Width : height of the scene.
    count : int
        Panels.
    legend_height : float
        Inches to leave at the bottom.
    """
    columns = columns_for(aspect, count)
    rows = -(-count // columns)
    width, height = panel_size(aspect, columns)
    total = figure_width(aspect, count)
    bottom = MARGIN + legend_height
    left = (total - BAR_STRIP - columns * width - (columns - 1) * GAP) / 2
    boxes = []
    for i in range(count):
        row, column = divmod(i, columns)
        above = (rows - 1 - row) * (height + HEADING + GAP)
        boxes.append((left + column * (width + GAP), bottom + GAP + above, width, height))
    return Layout(total, bottom + rows * (height + HEADING + GAP) + MARGIN / 2, tuple(boxes))
