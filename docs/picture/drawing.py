"""A picture drawn on the server: layers of boxes, arrows between them, as SVG without a script."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from html import escape

CJK = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC'"
SANS = f"'Segoe UI','Helvetica Neue',Arial,{CJK},sans-serif"
MONO = f"ui-monospace,'SFMono-Regular',Menlo,Consolas,'DejaVu Sans Mono',{CJK},monospace"
STYLE = (
    f"text{{font-family:{SANS};fill:#1f2937}}.mono{{font-family:{MONO}}}"
    ".quiet{fill:#6b7280}.strong{font-weight:600}"
)
Edge = tuple[str, str]


class Picture:
    def __init__(self, width: float) -> None:
        self.width = width
        self.parts: list[str] = []
        self.heads: set[str] = set()

    def box(self, x: float, y: float, w: float, h: float, line: str, fill: str, r: float = 8, dash: str = "") -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{r:g}" fill="{fill}" stroke="{line}"{dashed}/>'
        )

    def text(
        self, x: float, y: float, said: str, size: float = 13, style: str = "", at: str = "start", fill: str = ""
    ) -> None:
        look = f' class="{style}"' if style else ""
        where = f' text-anchor="{at}"' if at != "start" else ""
        colour = f' style="fill:{fill}"' if fill else ""
        self.parts.append(f'<text x="{x:g}" y="{y:g}" font-size="{size:g}"{look}{where}{colour}>{escape(said)}</text>')

    def arrow(self, path: str, colour: str, width: float = 1.4, dash: str = "") -> None:
        self.heads.add(colour)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dashed} '
            f'marker-end="url(#to{colour.removeprefix("#")})"/>'
        )

    def tag(self, x: float, y: float, said: str, colour: str) -> None:
        """A small number on an arrow."""
        w = breadth(said, 11) + 10
        self.parts.append(
            f'<rect x="{x - w / 2:g}" y="{y - 8:g}" width="{w:g}" height="16" rx="8" '
            f'fill="#ffffff" stroke="{colour}" stroke-width="0.8"/>'
        )
        self.text(x, y + 4, said, 11, at="middle", fill=colour)

    def svg(self, height: float, title: str) -> str:
        heads = "".join(
            f'<marker id="to{c.removeprefix("#")}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
            f'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
            f'<path d="M0 0.6 8 4 0 7.4z" fill="{c}"/></marker>'
            for c in sorted(self.heads)
        )
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {height:g}" '
            f'width="{self.width:g}" height="{height:g}" role="img">'
        )
        ground = f'<rect width="{self.width:g}" height="{height:g}" rx="12" fill="#ffffff"/>'
        lines = [head, f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>", f"<defs>{heads}</defs>", ground]
        return "\n".join([*lines, *self.parts, "</svg>"]) + "\n"


def breadth(said: str, size: float, mono: bool = False) -> float:
    """About how wide a text is."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in said)
    return size * (wide + (len(said) - wide) * (0.61 if mono else 0.48))


def wrapped(said: str, room: float, size: float, mono: bool = False) -> list[str]:
    """The text in lines no wider than room: broken after spaces, slashes, '__' or a Chinese character."""
    pieces: list[str] = [""]
    for i, c in enumerate(said):
        pieces[-1] += c
        is_seam = c in " /" or said[max(0, i - 1) : i + 1] == "__" or unicodedata.east_asian_width(c) in "WF"
        if is_seam and (i + 1 == len(said) or said[i + 1] not in "，。；：、）_"):
            pieces.append("")
    lines = [""]
    for piece in pieces:
        if lines[-1] and breadth((lines[-1] + piece).rstrip(), size, mono) > room:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def forward(edges: Mapping[Edge, int]) -> set[Edge]:
    """The edges without those that close a circle, the lightest of which goes first."""
    kept: set[Edge] = set()
    for edge in sorted(edges, key=lambda e: (-edges[e], e)):
        if edge[0] not in reached(edge[1], kept):
            kept.add(edge)
    return kept


def reached(start: str, edges: Collection[Edge]) -> set[str]:
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        new = {b for a, b in edges if a == here} - seen
        seen |= new
        todo += new
    return seen


def bare(edges: set[Edge]) -> set[Edge]:
    """Without the edges that follow from others."""
    return {(a, b) for a, b in edges if b not in reached(a, edges - {(a, b)})}


def layered(nodes: Iterable[str], edges: set[Edge]) -> tuple[list[list[str]], dict[Edge, list[str]]]:
    """Nodes in layers, each after all that point to it, and the way of each edge from layer to layer.

    Where an edge passes a layer it takes a place in it, named '·…'; the order in a layer follows the neighbours'.
    """
    rank: dict[str, int] = {}
    todo = sorted(nodes)
    while todo:
        for node in todo[:]:
            above = [a for a, b in edges if b == node]
            if all(a in rank for a in above):
                rank[node] = 1 + max((rank[a] for a in above), default=-1)
                todo.remove(node)
    for node in sorted(rank, key=lambda n: -rank[n]):  # as late as it may be: no longer arrows than need be
        below = [rank[b] for a, b in edges if a == node]
        if below:
            rank[node] = min(below) - 1
    layers: list[list[str]] = [[] for _ in range(max(rank.values()) + 1)]
    for node in sorted(rank):
        layers[rank[node]].append(node)
    ways = {}
    for a, b in sorted(edges):
        passed = [f"·{a}·{b}·{i}" for i in range(rank[a] + 1, rank[b])]
        for i, name in enumerate(passed, rank[a] + 1):
            layers[i].append(name)
        ways[a, b] = [a, *passed, b]
    steps = [step for way in ways.values() for step in itertools.pairwise(way)]
    best = [*map(list, layers)]
    for _ in range(8):
        for these, those, at in [(1, 0, 1), (0, 1, -1)]:
            for i in range(len(layers))[::at]:
                j = i - at
                if 0 <= j < len(layers):
                    place = {
                        n: k / max(1, len(layers[j]) - 1) if len(layers[j]) > 1 else 0.5
                        for k, n in enumerate(layers[j])
                    }
                    layers[i] = sorted(
                        layers[i], key=lambda n: (_mean(n, steps, place, these, those), n.startswith("·"), n)
                    )
        if crossings(layers, steps) < crossings(best, steps):
            best = [*map(list, layers)]
    return best, ways


def _mean(node: str, steps: list[Edge], place: dict[str, float], these: int, those: int) -> float:
    near = [place[step[those]] for step in steps if step[these] == node and step[those] in place]
    return round(sum(near) / len(near), 6) if near else 0.5


def crossings(layers: list[list[str]], steps: list[Edge]) -> int:
    at = {node: (i, k) for i, layer in enumerate(layers) for k, node in enumerate(layer)}
    pairs = [(at[a], at[b]) for a, b in steps]
    return sum((a[1] - c[1]) * (b[1] - d[1]) < 0 for (a, b), (c, d) in itertools.combinations(pairs, 2) if a[0] == c[0])
