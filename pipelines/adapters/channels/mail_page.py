"""A message as HTML for mail programs: styles in place, no image, no link, nothing from outside."""

from html import escape

from pipelines.domain.alerts.message import Message, Notice

COLOURS = {"critical": "#b3261e", "warning": "#8a5a00", "info": "#1f5f8b"}
OVER = "#2e6b34"
FRAME = (
    "font:15px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif;"
    "max-width:44em;margin:0 auto;padding:1em;overflow-wrap:anywhere"
)


def page(message: Message) -> str:
    """Return *message* as a page; whatever comes from data is escaped."""
    notices = "".join(_notice(notice) for notice in message.notices)
    folded = ""
    if message.folded:
        lines = "".join(f"<li>{escape(line)}</li>" for line in message.folded_lines)
        folded = f"<h2 style='font-size:1em'>{escape(message.folded_heading)}</h2><ul>{lines}</ul>"

    page_line = f"<p>{escape(message.page_line)}</p>" if message.page else ""

    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<meta name='color-scheme' content='light dark'>"
        f"<title>{escape(message.subject)}</title></head>"
        f'<body><div style="{FRAME}">{notices}{folded}{page_line}</div></body></html>'
    )


def _notice(notice: Notice) -> str:
    """Return one notice as a box with a bar in the colour of its urgency."""
    colour = OVER if notice.state == "over" else COLOURS[notice.severity]
    text = escape(notice.text).replace("\n", "<br>")

    return (
        f"<div style='border-left:4px solid {colour};padding:0 0 0 1em;margin:0 0 1.5em'>"
        f"<h1 style='font-size:1.1em;margin:0 0 .5em'>{escape(notice.headline)}</h1>"
        f"<p style='margin:0'>{text}</p></div>"
    )
