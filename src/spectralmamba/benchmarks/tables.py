"""A summary as text: cells first, then CSV, Markdown or LaTeX of them."""

import csv
import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path

from spectralmamba.benchmarks.results import Result
from spectralmamba.benchmarks.statistics import Comparison, Spread
from spectralmamba.benchmarks.summary import Row, Summary
from spectralmamba.files import write_text

HEAD = (
    "model",
    "seeds",
    "OA %",
    "AA %",
    "kappa",
    "parameters",
    "MACs",
    "training s",
    "pixels/s",
    "published OA % (AA)",
)

MOST_WORD = 15  # characters of a word in a column's head, such as "spectralformer,"

Table = list[list[str]]


def main_table(summary: Summary) -> Table:
    """Cells of the main table, its head first."""
    return [list(HEAD), *(_cells(row) for row in summary.rows)]


def plain_table(summary: Summary) -> Table:
    """The main table for programs: whole numbers without commas, and the source of a published figure."""
    whole = {HEAD.index(name) for name in ("parameters", "MACs", "pixels/s")}
    head, *rows = main_table(summary)
    body = [[cell.replace(",", "") if i in whole else cell for i, cell in enumerate(cells)] for cells in rows]
    sources = [row.published.source if row.published is not None else "" for row in summary.rows]
    return [[*head, "source"], *([*cells, source] for cells, source in zip(body, sources, strict=True))]


def class_table(summary: Summary) -> Table:
    """Cells of producer's accuracy by class, a column for each model."""
    names = list(dict.fromkeys(name for row in summary.rows for name in row.per_class))
    nothing = Spread.of([])
    body = [[name, *(spread_text(row.per_class.get(name, nothing), 1) for row in summary.rows)] for name in names]
    return [["class", *(row.name for row in summary.rows)], *body]


def in_columns(table: Table, width: int) -> list[Table]:
    """Divide a table that is wider than ``width`` characters among several, each with the first column."""
    names = max(len(row[0]) for row in table)
    cell = max(len(cell) for row in table[1:] for cell in row[1:]) if len(table) > 1 else 1
    several = max(1, (width - names - 4) // (max(cell, MOST_WORD) + 3))  # Rich puts three characters between columns
    starts = range(1, len(table[0]), several)
    return [[[row[0], *row[start : start + several]] for row in table] for start in starts]


def _cells(row: Row) -> list[str]:
    return [
        row.name,
        str(len(row.seeds)),
        spread_text(row.overall_accuracy, 1),
        spread_text(row.average_accuracy, 1),
        spread_text(row.kappa, 3),
        f"{row.parameters:,}",
        f"{row.macs:,}" if row.macs else "–",  # a forest multiplies nothing
        spread_text(row.train_seconds, 1),
        f"{row.pixels_per_second.mean:,.0f}",
        _published_text(row),
    ]


def _published_text(row: Row) -> str:
    published = row.published
    if published is None or published.overall_accuracy is None:
        return "–"
    average = "" if published.average_accuracy is None else f" ({published.average_accuracy})"
    return f"{published.overall_accuracy}{average}{', other split' if published.other_split else ''}"


def spread_text(spread: Spread, digits: int) -> str:
    """Write mean ± std; the mean alone where there is one value."""
    if math.isnan(spread.mean):
        return "–"
    mean = f"{spread.mean:.{digits}f}"
    return mean if math.isnan(spread.std) else f"{mean} ± {spread.std:.{digits}f}"


def remarks(summary: Summary) -> list[str]:
    """What has to be read with the table, a sentence each."""
    lines = [summary.notes.strip()] if summary.notes.strip() else []
    for sentence, names in summary.splits.items():
        whose = f" for {'; '.join(names)}" if len(summary.splits) > 1 else ""
        lines.append(f"Split{whose} (first seed and fold): {sentence}.")
    few = {len(row.seeds) for row in summary.rows}
    if len(few) > 1:
        most = max(few)
        fewer = "; ".join(row.name for row in summary.rows if len(row.seeds) < most)
        lines.append(f"With fewer than {most} seeds: {fewer}.")
    if summary.comparison is not None:
        lines.append(_comparison_text(summary.best, summary.comparison))
    sources = dict.fromkeys(row.published.source for row in summary.rows if row.published is not None)
    lines += [f"Published figures: {source}." for source in sources]
    return lines


def _comparison_text(best: Sequence[str], test: Comparison) -> str:
    if math.isnan(test.t):
        common = "one division" if test.pairs else "no division"
        return f"{best[0]} and {best[1]} have {common} in common; the t-test of their difference needs two or more."
    p = "p < 0.001" if test.p < 0.001 else f"p = {test.p:.3f}"
    return (
        f"{best[0]} minus {best[1]}: {test.difference:+.2f} points of OA over {test.pairs} divisions (seeds and "
        f"folds), corrected resampled t = {test.t:.2f}, {p} (Nadeau & Bengio 2003)."
    )


def as_csv(table: Table) -> str:
    """Write cells as CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(table)
    return buffer.getvalue()


def as_markdown(table: Table) -> str:
    """Write cells as a Markdown table."""
    rows = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in table]
    rule = "|".join(["---", *["---:"] * (len(table[0]) - 1)])
    return "\n".join(f"| {row} |" for row in [rows[0]]) + f"\n|{rule}|\n" + "".join(f"| {row} |\n" for row in rows[1:])


_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "&": r"\&",
    "%": r"\%",
    "_": r"\_",
    "#": r"\#",
    "$": r"\$",
    "±": r"$\pm$",
    "–": "--",
    "−": "$-$",
    "×": r"$\times$",
}


def as_latex(table: Table, caption: str, notes: Sequence[str] = ()) -> str:
    """Write cells as a LaTeX table for the booktabs package, with sentences below it."""

    def line(row: Sequence[str]) -> str:
        return " & ".join(_escape(cell) for cell in row) + r" \\"

    columns = "l" + "r" * (len(table[0]) - 1)
    body = "\n".join(map(line, table[1:]))
    below = "".join(f"\n\\par\\footnotesize {_escape(note)}" for note in notes)
    return (
        f"\\begin{{table}}\n\\centering\n\\caption{{{_escape(caption)}}}\n\\begin{{tabular}}{{{columns}}}\n\\toprule\n"
        f"{line(table[0])}\n\\midrule\n{body}\n\\bottomrule\n\\end{{tabular}}{below}\n\\end{{table}}\n"
    )


def _escape(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)


def runs_table(results: Sequence[Result]) -> Table:
    """Cells of every single run."""
    columns: dict[str, Callable[[Result], object]] = {
        "model": lambda r: r.name,
        "seed": lambda r: r.seed,
        "fold": lambda r: "" if r.fold is None else r.fold,
        "OA": lambda r: f"{r.matrix.overall_accuracy:.6f}",
        "AA": lambda r: f"{r.matrix.average_accuracy:.6f}",
        "kappa": lambda r: f"{r.matrix.kappa:.6f}",
        "train pixels": lambda r: r.n_train,
        "test pixels": lambda r: r.n_test,
        "training s": lambda r: f"{r.train_seconds:.2f}",
        "pixels/s": lambda r: f"{r.pixels_per_second:.0f}",
        "key": lambda r: r.key,
    }
    return [list(columns), *([str(value(result)) for value in columns.values()] for result in results)]


def write_tables(summary: Summary, results: Sequence[Result], folder: Path) -> list[Path]:
    """Write the table as CSV, Markdown and LaTeX, the classes and the single runs as CSV; give the files."""
    table, classes, said = main_table(summary), class_table(summary), remarks(summary)
    notes = "".join(f"\n{line}\n" for line in said)
    contents = {
        "table.csv": as_csv(plain_table(summary)),
        "table.md": f"# {summary.title}\n\n{as_markdown(table)}{notes}\n{as_markdown(classes)}",
        "table.tex": as_latex(table, summary.title, said)
        + "\n"
        + as_latex(classes, f"{summary.title}: producer's accuracy, %"),
        "classes.csv": as_csv(classes),
        "runs.csv": as_csv(runs_table(results)),
    }
    for name, content in contents.items():
        write_text(folder / name, content)
    return [folder / name for name in contents]
