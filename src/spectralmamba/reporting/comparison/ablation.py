"""What GSSM, PSS and S6 bring: the same model with each of them on and off, as a figure and as a table."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes

from spectralmamba.benchmarks.record import Benchmark
from spectralmamba.benchmarks.tables import Table, as_csv, as_markdown, spread_text
from spectralmamba.errors import OutputError, RunError
from spectralmamba.files import parent_folder, write_text
from spectralmamba.reporting.comparison.caption import caption
from spectralmamba.reporting.comparison.sheet import Area, Section, draw_sheet
from spectralmamba.reporting.comparison.text import fit, text_width
from spectralmamba.reporting.comparison.variants import DEFAULTS, Variant, variants_of
from spectralmamba.reporting.style import FIRST, INK, LINE, MUTED, TEXT

ON, OFF = "✓", "–"
ROW = 0.27  # inches of a line
LEAST, PADDING = 0.55, 0.28  # inches of a column at least, and between columns
LONGEST = 2.6  # inches of a name
PARTS = ("GSSM", "PSS", "S6")
_WRITERS = {".md": as_markdown, ".csv": as_csv}


def figure_ablation(benchmarks: Sequence[Benchmark], path: Path) -> None:
    """Draw the ablation as a table, the fewest parts first; the best figure of each column is bold.

    Parameters
    ----------
    benchmarks : sequence of Benchmark
    path : Path

    Raises
    ------
    RunError
        A benchmark has no two entries of SpectralMamba that differ in these parts alone.
    OutputError
        The figure cannot be written.
    """
    sections = [_section(benchmark) for benchmark in benchmarks]
    widths = [sum(_widths(_cells(_chosen(benchmark)))) for benchmark in benchmarks]
    draw_sheet(sections, max(7.0, *widths), path)


def ablation_table(benchmarks: Sequence[Benchmark]) -> Table:
    """Cells of the same table, its head first; with a column for the benchmark where there are several.

    Raises
    ------
    RunError
        As :func:`figure_ablation`.
    """
    chosen = [_chosen(benchmark) for benchmark in benchmarks]
    published = any(_published(variant) for variants in chosen for variant in variants)
    tables = [_cells(variants, published=published) for variants in chosen]
    if len(tables) == 1:
        return tables[0]
    head = ["benchmark", *tables[0][0]]
    if len({table[0][2] for table in tables}) > 1:
        head[3] = "PSS"  # at another R in each
    titles = [benchmark.summary.title for benchmark in benchmarks]
    return [head, *([title, *row] for title, table in zip(titles, tables, strict=True) for row in table[1:])]


def check_table(path: Path) -> None:
    """Refuse a file whose suffix is neither of Markdown nor of CSV; OutputError."""
    if path.suffix.lower() not in _WRITERS:
        raise OutputError(f"cannot write {path}: tables are Markdown or CSV; name a file that ends in .md or .csv")


def write_ablation_table(benchmarks: Sequence[Benchmark], path: Path) -> None:
    """Write the table as Markdown or CSV, by the file's suffix.

    Raises
    ------
    RunError
        As :func:`figure_ablation`.
    OutputError
        Another suffix, or the file cannot be written.
    """
    check_table(path)
    text = _WRITERS[path.suffix.lower()](ablation_table(benchmarks))
    with parent_folder(path):
        write_text(path, text)


def _chosen(benchmark: Benchmark) -> list[Variant]:
    chosen = ablation_of(variants_of(benchmark))
    if len(chosen) < 2:
        raise RunError(
            f"{benchmark.folder} has no ablation: it needs entries of spectralmamba that differ in gssm, piece_size "
            "(1 is PSS off) or s6 alone; run one such as the protocol houston2013-ablation"
        )
    return chosen


def ablation_of(variants: Sequence[Variant]) -> list[Variant]:
    """Choose the entries that differ from the fullest one in nothing but GSSM, PSS and S6, the fewest parts first.

    Of several that are full, as in a sweep over R, the one with the default R and layout counts. An entry that has the
    parts of one before it is left out, so that there is one row for each setting and form.
    """
    if not variants:
        return []

    def fullness(variant: Variant) -> tuple[int, int]:
        usual = variant.piece_size == DEFAULTS["piece_size"], variant.layout == DEFAULTS["layout"]
        return sum(variant.parts), sum(usual)

    full = max(variants, key=fullness)
    chosen: dict[tuple[object, ...], Variant] = {}
    for variant in variants:
        same_pieces = not variant.pss or (variant.piece_size, variant.layout) == (full.piece_size, full.layout)
        if same_pieces and variant.others == full.others:
            chosen.setdefault((variant.parts, variant.entry.form), variant)
    rows = sorted(chosen.values(), key=lambda v: (sum(v.parts), [not part for part in v.parts], v.entry.patch_size))
    return rows if len({variant.parts for variant in rows}) > 1 else []


def _cells(variants: Sequence[Variant], *, published: bool | None = None) -> Table:
    """Cells of the table, its head first; published figures where there are any, or as is said."""
    published = any(_published(variant) for variant in variants) if published is None else published
    pieces = next((f" (R = {variant.piece_size})" for variant in variants if variant.pss), "")
    head = ["model", "GSSM", f"PSS{pieces}", "S6", "OA %", "AA %", "kappa", "parameters", "MACs"]
    return [[*head, *["published OA %"] * published], *(_row(variant, published=published) for variant in variants)]


def _row(variant: Variant, *, published: bool) -> list[str]:
    row = variant.row
    return [
        _name(variant),
        *(ON if part else OFF for part in variant.parts),
        spread_text(row.overall_accuracy, 2),
        spread_text(row.average_accuracy, 2),
        spread_text(row.kappa, 3),
        f"{row.parameters:,}",
        f"{row.macs:,}",
        *[_published(variant) or "–"] * published,
    ]


def _published(variant: Variant) -> str:
    figure = variant.row.published
    if figure is None or figure.overall_accuracy is None:
        return ""
    return f"{figure.overall_accuracy:.2f}{', other split' if figure.other_split else ''}"


def _section(benchmark: Benchmark) -> Section:
    variants = _chosen(benchmark)
    cells = _cells(variants)
    sources = dict.fromkeys(v.row.published.source for v in variants if v.row.published is not None)
    notes = ["MACs of one sample, by the paper's rule.", *(f"Published: {source}." for source in sources)]

    def draw(area: Area) -> None:
        _draw_table(area, cells, _best(variants))

    shown = benchmark.with_rows([variant.row.name for variant in variants])
    text = [_lead(variants), *caption(shown), *notes]
    return Section(benchmark.summary.title, text, ROW * len(cells) + 0.1, draw)


def _lead(variants: Sequence[Variant]) -> str:
    pixelwise = [_name(variant) for variant in variants if variant.row.form == "pixelwise"]
    text = f"{ON} a part is on, {OFF} off; bold: the best of each column."
    return text + (f" In the pixelwise form, which has no GSSM: {'; '.join(pixelwise)}." if pixelwise else "")


def _name(variant: Variant) -> str:
    return variant.entry.label or f"SpectralMamba, {variant.row.form}"


def _best(variants: Sequence[Variant]) -> set[tuple[int, int]]:
    """Cells (row, column) of the best OA, AA, kappa, parameters and MACs; rows count from the first after the head."""
    columns = {
        4: [-v.row.overall_accuracy.mean for v in variants],
        5: [-v.row.average_accuracy.mean for v in variants],
        6: [-v.row.kappa.mean for v in variants],
        7: [float(v.row.parameters) for v in variants],
        8: [float(v.row.macs) for v in variants],
    }
    return {(i, column) for column, values in columns.items() for i, v in enumerate(values) if v == min(values)}


def _widths(cells: Table) -> list[float]:
    """Inches of each column."""
    widest = [
        max(text_width(cell, TEXT, bold=True) for cell in column) + PADDING for column in zip(*cells, strict=True)
    ]
    return [min(widest[0], LONGEST), *(max(width, LEAST) for width in widest[1:])]


def _draw_table(area: Area, cells: Table, best: set[tuple[int, int]]) -> None:
    axes = area.canvas()
    widths = _widths(cells)
    spare = (area.width - sum(widths)) / len(widths)
    rights = [sum(widths[: i + 1]) + spare * (i + 1) for i in range(len(widths))]
    top = area.height - 0.03
    for y, width in ((top, 1.2), (top - ROW, 0.7), (top - ROW * len(cells), 1.2)):
        axes.plot([0, area.width], [y, y], color=INK if width > 1 else LINE, linewidth=width, clip_on=False)
    for i, row in enumerate(cells):
        y = top - (i + 0.5) * ROW
        axes.text(
            0.04,
            y,
            fit(row[0], widths[0] + spare, TEXT),
            fontsize=TEXT,
            color=INK if i else MUTED,
            va="center_baseline",
        )
        for column in range(1, len(row)):
            _write_cell(
                axes, row[column], (rights[column - 1], rights[column]), y, column, i, bold=(i - 1, column) in best
            )


def _write_cell(
    axes: Axes, text: str, sides: tuple[float, float], y: float, column: int, row: int, *, bold: bool
) -> None:
    """Write a cell: the parts in the middle of their columns, figures at the right."""
    part = column <= len(PARTS)
    colour = MUTED if row == 0 or text == OFF else FIRST if text == ON else INK
    x = sum(sides) / 2 + 0.1 if part else sides[1] - 0.04
    weight = "bold" if bold or text == ON else "normal"
    axes.text(
        x,
        y,
        text,
        fontsize=TEXT,
        color=colour,
        fontweight=weight,
        ha="center" if part else "right",
        va="center_baseline",
    )
