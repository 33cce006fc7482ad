"""From a painter to an exhibit: the only file that knows matplotlib.

What is painted on is handed to the modules that paint; none of them imports a drawing package.
"""

import io
from collections.abc import Callable

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from analysis.display.exhibit import Exhibit
from analysis.display.exports import machine_csv
from analysis.display.notes import hidden_note
from analysis.display.publishing import Published
from analysis.display.style import PAPER, WIDTH
from analysis.display.svg import inline_svg
from analysis.terms import label


def drawn_exhibit(
    published: Published, height: float, paint: Callable, alternative: str, reader: tuple, notes: tuple = ()
) -> Exhibit:
    """Draw, and put the words and the numbers beside the drawing.

    Parameters
    ----------
    height
        In the units of the drawing, which is ``style.WIDTH`` wide.
    paint
        Called with the figure to paint on.
    reader
        The language and the smallest publishable count.
    notes
        Sentences after the one on what is withheld.
    """
    drawing = io.StringIO()
    with rc_context(PAPER):
        figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
        figure.patch.set_visible(False)
        paint(figure)
        FigureCanvasSVG(figure).print_svg(drawing, metadata={"Date": None, "Creator": None})
    body = inline_svg(drawing.getvalue(), alternative)
    return Exhibit("figure", body, machine_csv(published), alternative, (*hidden_note(published, *reader), *notes))


def nothing_drawn(published: Published, language: str, minimum: int, notes: tuple = ()) -> Exhibit:
    """A sentence instead of an empty axis."""
    sentence = label("too_few", language)
    notes = (*hidden_note(published, language, minimum), *notes)
    return Exhibit("figure", f"<p>{sentence}</p>", machine_csv(published), sentence, notes)
