"""What a Textual app shows, as plain lines: goldens that read like the screen itself."""

import re
from collections import defaultdict
from xml.etree import ElementTree

CELL = 12.2
"""Width of a cell in the units of Textual's SVG."""


def screen_text(app):
    """The rows of the screen, each without blanks at its end."""
    picture = ElementTree.fromstring(app.export_screenshot(simplify=True))
    rows = defaultdict(list)
    for node in picture.iter("{http://www.w3.org/2000/svg}text"):
        clip = re.search(r"-line-(\d+)\)", node.get("clip-path", ""))
        if clip:
            column = round(float(node.get("x", 0)) / CELL)
            rows[int(clip[1])].append((column, "".join(node.itertext())))
    lines = []
    for y in range(max(rows, default=-1) + 1):
        line = ""
        for column, text in sorted(rows[y]):
            line = line.ljust(column) + text
        lines.append(line.replace("\xa0", " ").rstrip())
    return "\n".join(lines)
