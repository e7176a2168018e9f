"""A picture of the night's page: its text as SVG, which asks for no font or file outside of it."""

from html import escape

ADVANCE, LEADING, MARGIN, HEAD = 8.4, 19, 24, 34  # pixels, for letters of 14

FRAME = """\
<!-- Made from docs/night.txt by `make docs`. -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>{title}</title>
<style>
text {{ font: 14px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }}
text {{ fill: #24292f; white-space: pre }}
.file {{ fill: #6e7781 }}
.title {{ font-weight: bold }}
rect, path {{ fill: #fff; stroke: #d0d7de }}
</style>
<rect x="1" y="1" width="{inner_width}" height="{inner_height}" rx="8"/>
<path d="M1 {head} h{inner_width}"/>
<g xml:space="preserve">
{texts}
</g>
</svg>
"""


def picture(page: str) -> str:
    """
    Return the page as an SVG.

    docs/night.txt is what `churn report` wrote about the last night of a demo, its checkout shown
    as /srv/churn.

    Args:
        page: Its text; the first line, `POPULATION, night of DATE`, is its title.
    """
    lines = page.rstrip("\n").split("\n")
    population, _, night = lines[0].partition(", night of ")
    width = round(2 * MARGIN + ADVANCE * max(map(len, lines)))
    height = HEAD + 2 * MARGIN + LEADING * len(lines)
    texts = [_text(f"var/reports/{population}-{night}.txt", 22, "file")]
    for number, line in enumerate(lines, start=1):
        if line:
            style = "title" if number == 1 else ""
            texts.append(_text(line, HEAD + MARGIN + LEADING * number - 5, style))

    return FRAME.format(
        width=width,
        height=height,
        inner_width=width - 2,
        inner_height=height - 2,
        head=HEAD,
        title=escape(lines[0]),
        texts="\n".join(texts),
    )


def _text(line: str, y: int, style: str) -> str:
    """Return one line, as wide in any font as in ours."""
    shown = f' class="{style}"' if style else ""

    return (
        f'<text x="{MARGIN}" y="{y}" textLength="{ADVANCE * len(line):.1f}"{shown}>'
        f"{escape(line)}</text>"
    )
