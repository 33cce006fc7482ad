"""From a painter to an exhibit: the only file that knows matplotlib.

What is painted on is handed to the modules that paint; none of them imports a drawing package.
"""

import base64
import io
from collections.abc import Callable, Sequence

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from PIL import Image

from analysis.display.disclosure.exports import machine_csv
from analysis.display.disclosure.public_table import Published
from analysis.display.drawing.style import PAPER, WIDTH
from analysis.display.drawing.svg import inline_svg
from analysis.display.exhibit import Exhibit
from analysis.display.wording.notes import hidden_note
from analysis.terms import label

# A picture is as wide as the text of an A4 page, at the resolution that printers ask for.
PICTURE_WIDTH, PICTURE_DPI, PICTURE_COLOURS = 170 / 25.4, 300, 64


def drawn_exhibit(
    published: Published,
    height: float,
    paint: Callable,
    alternative: str,
    reader: tuple[str, int],
    notes: Sequence[str] = (),
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
    # The style is set for this drawing alone: a notebook keeps its own.
    with rc_context(PAPER):
        figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
        figure.patch.set_visible(False)
        paint(figure)
        # A date in the file would make every build a different one.
        FigureCanvasSVG(figure).print_svg(drawing, metadata={"Date": None, "Creator": None})
        picture = _picture_of(figure)
    body = inline_svg(drawing.getvalue(), alternative)
    notes = (*hidden_note(published, *reader), *notes)
    return Exhibit("figure", body, machine_csv(published), alternative, notes, picture=picture)


def _picture_of(figure: Figure) -> str:
    """The drawing on white as a PNG in base64; few colours, since it holds few."""
    figure.patch.set_visible(True)
    figure.set_dpi(PICTURE_DPI * PICTURE_WIDTH / (WIDTH / 72))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = Image.frombuffer(
        "RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1
    )
    few = drawn.convert("RGB").quantize(
        PICTURE_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    written = io.BytesIO()
    few.save(written, "PNG", dpi=(PICTURE_DPI, PICTURE_DPI))
    return base64.b64encode(written.getvalue()).decode("ascii")


def nothing_drawn(
    published: Published, language: str, minimum: int, notes: Sequence[str] = ()
) -> Exhibit:
    """A sentence instead of an empty axis."""
    sentence = label("too_few", language)
    notes = (*hidden_note(published, language, minimum), *notes)
    return Exhibit("figure", f"<p>{sentence}</p>", machine_csv(published), sentence, notes)
