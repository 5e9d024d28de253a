# SPDX-License-Identifier: MIT
"""Line plots as SVG: panels side by side, logarithmic axes, one legend."""

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 360, 260            # of a panel
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 34, 44
LEGEND = 26                         # height of the legend under the panels
COLOURS = ("#0b62a4", "#c2571a", "#3a8a3a", "#7a4fa0")
STYLE = ("text{font:12px sans-serif;fill:#222}.grid{stroke:#ddd}"
         ".axis{stroke:#222;fill:none}.line{fill:none;stroke-width:2}")

Point = tuple[float, float]


class Panel(NamedTuple):
    """One plot; every coordinate above zero."""

    title: str
    x_label: str
    lines: dict[str, Sequence[Point]]


def svg(panels: Sequence[Panel], columns: int = 2) -> str:
    """The whole picture; the same colour for the same line everywhere."""
    names = list(dict.fromkeys(n for panel in panels for n in panel.lines))
    colours = {name: COLOURS[place % len(COLOURS)]
               for place, name in enumerate(names)}
    across = min(columns, len(panels))
    down = -(-len(panels) // across)
    width, height = across * WIDTH, down * HEIGHT + LEGEND
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
             f'height="{height}" viewBox="0 0 {width} {height}">',
             f"<style>{STYLE}</style>",
             f'<rect width="{width}" height="{height}" fill="#fff"/>']
    for place, panel in enumerate(panels):
        row, column = divmod(place, across)
        parts.append(f'<g transform="translate({column * WIDTH} '
                     f'{row * HEIGHT})">')
        parts += panel_parts(panel, colours)
        parts.append("</g>")
    parts += legend_parts(colours, down * HEIGHT + LEGEND / 2)
    return "\n".join([*parts, "</svg>"]) + "\n"


def panel_parts(panel: Panel, colours: dict[str, str]) -> Iterator[str]:
    """Grid, axes, titles and lines of one panel."""
    points = [point for line in panel.lines.values() for point in line]
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    yield text(WIDTH / 2, TOP - 14, panel.title, "middle")
    yield text((LEFT + right) / 2, HEIGHT - 8, panel.x_label, "middle")
    if points:
        x = Axis.of([p[0] for p in points], LEFT, right)
        y = Axis.of([p[1] for p in points], bottom, TOP)
        for tick in x.ticks():
            yield line(x.at(tick), TOP, x.at(tick), bottom)
            yield text(x.at(tick), bottom + 16, f"{tick:g}", "middle")
        for tick in y.ticks():
            yield line(LEFT, y.at(tick), right, y.at(tick))
            yield text(LEFT - 6, y.at(tick) + 4, f"{tick:g}", "end")
        for name, drawn in panel.lines.items():
            yield from line_parts(drawn, x, y, colours[name])
    yield (f'<rect class="axis" x="{LEFT}" y="{TOP}" '
           f'width="{right - LEFT}" height="{bottom - TOP}"/>')


def line_parts(points: Sequence[Point], x: "Axis", y: "Axis",
               colour: str) -> Iterator[str]:
    """One line and its points."""
    placed = [(x.at(a), y.at(b)) for a, b in points]
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in placed)
    yield f'<polyline class="line" stroke="{colour}" points="{path}"/>'
    for a, b in placed:
        yield f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>'


def legend_parts(colours: dict[str, str], y: float) -> Iterator[str]:
    """A patch of colour and a name for each line."""
    x = LEFT
    for name, colour in colours.items():
        yield (f'<rect x="{x}" y="{y - 6:g}" width="14" height="12" '
               f'fill="{colour}"/>')
        yield text(x + 20, y + 4, name, "start")
        x += 40 + 8 * len(name)


class Axis(NamedTuple):
    """Maps [low, high] logarithmically to [start, end] in pixels."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def of(cls, figures: Sequence[float], start: float,
           end: float) -> "Axis":
        """An axis that holds these; one figure gets room on both sides."""
        low, high = min(figures), max(figures)
        if high < 2 * low:
            low, high = low / 1.5, high * 1.5
        return cls(low, high, start, end)

    def at(self, figure: float) -> float:
        """Where a figure lies."""
        part = math.log(figure / self.low) / math.log(self.high / self.low)
        return self.start + part * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round figures within the axis: 1, 2, 5 of each decade, or fewer."""
        first = math.floor(math.log10(self.low))
        last = math.ceil(math.log10(self.high))
        steps = (1, 2, 5) if last - first <= 3 else (1,)
        found = [step * 10.0 ** power for power in range(first, last + 1)
                 for step in steps]
        return [t for t in found
                if self.low * 0.999 <= t <= self.high * 1.001]


def text(x: float, y: float, words: str, anchor: str) -> str:
    """Some words."""
    return (f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">'
            f"{escape(words)}</text>")


def line(x1: float, y1: float, x2: float, y2: float) -> str:
    """A line of the grid."""
    return (f'<line class="grid" x1="{x1:.1f}" y1="{y1:.1f}" '
            f'x2="{x2:.1f}" y2="{y2:.1f}"/>')
