"""Rooms as panels, with what is in them as chips or as a graph in layers."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import rooms

from picture import facts
from picture.drawing import Picture, bare, breadth, forward, layered, wrapped

COLOURS = {  # line, ground
    "dags": ("#475569", "#f8fafc"),
    "warehouse": ("#4f46e5", "#eef2ff"),
    "expectations": ("#be185d", "#fdf2f8"),
    "ingest": ("#0f766e", "#f0fdfa"),
    "dbt_project": ("#b45309", "#fffbeb"),
    "sandbox": ("#57534e", "#fafaf9"),
}
PAD, CARD, GAP = 16, 44, 26


class Panels:
    """The upper half: each room in its place, with what is in it."""

    def __init__(self, picture: Picture) -> None:
        self.on = picture
        self.at: dict[str, tuple[float, float, float, float]] = {}  # x, y, width, height of rooms and their parts

    def panel(self, room: str, x: float, y: float, w: float, inside: Callable[[float, float, float], float]) -> float:
        """A room with its two sentences; returns where it ends."""
        line, ground = COLOURS[room]
        index = len(self.on.parts)
        said = [
            line
            for language in ("en", "zh")
            for line in wrapped(rooms.sentence(room, language).replace("`", ""), w - 2 * PAD, 12)
        ]
        self.on.text(x + PAD, y + 26, f"{room}/", 16, "mono strong", fill=line)
        for i, sentence in enumerate(said):
            self.on.text(x + PAD, y + 46 + 17 * i, sentence, 12, "quiet")
        end = inside(x + PAD, y + 46 + 17 * len(said), w - 2 * PAD) + PAD
        self.on.box(x, y, w, end - y, line, ground, 12)
        self.on.parts.insert(index, self.on.parts.pop())  # under what is in it
        self.at[room] = (x, y, w, end - y)
        return end

    def card(self, room: str, name: str, said: str, x: float, y: float, w: float, h: float = CARD) -> None:
        line, _ = COLOURS[room]
        self.on.box(x, y, w, h, line, "#ffffff", 7)
        middle = y + h / 2 + (-2 if said else 5)
        self.on.text(x + w / 2, middle, name, 12, "mono", "middle")
        if said:
            self.on.text(x + w / 2, middle + 16, said, 12, "quiet", "middle")
        self.at[f"{room}/{name}"] = (x, y, w, h)

    def chips(self, room: str, names: list[str]) -> Callable[[float, float, float], float]:
        """Names in rows, as many as fit."""

        def draw(x: float, y: float, w: float) -> float:
            line, _ = COLOURS[room]
            there, row = x, y
            for name in names:
                wide = breadth(name, 12, mono=True) + 16
                if there > x and there + wide > x + w:
                    there, row = x, row + 30
                self.on.box(there, row, wide, 24, line, "#ffffff", 6)
                self.on.text(there + wide / 2, row + 16.5, name, 12, "mono", "middle")
                there += wide + 8
            return row + 24

        return draw

    def graph(
        self, room: str, edges: facts.Edges, told: Callable[[str], str], is_down: bool = False
    ) -> Callable[[float, float, float], float]:
        """The parts of a room in layers, from left to right or down; arrows that follow from others are left out."""

        def draw(x: float, y: float, w: float) -> float:
            layers, ways = layered({n for edge in edges for n in edge}, bare(forward(edges)))
            most, pitch = max(map(len, layers)), CARD + (22 if is_down else 14)
            wide = [(w - (most - 1) * 14) / most] * len(layers) if is_down else broad(layers, w)
            gap = 14 if is_down else (w - sum(wide)) / max(1, len(layers) - 1)
            for i, layer in enumerate(layers):
                for k, name in enumerate(layer):
                    shift = k + (most - len(layer)) / 2
                    cx = x + shift * (wide[i] + gap) if is_down else x + sum(wide[:i]) + i * gap
                    cy = y + (i if is_down else shift) * pitch
                    if name.startswith("·"):
                        self.at[f"{room}/{name}"] = (cx, cy, wide[i], CARD)
                    else:
                        self.card(room, name, told(name), cx, cy, wide[i])
            for way in ways.values():
                self._thread(room, way, is_down)
            rows = len(layers) if is_down else most
            return y + (rows - 1) * pitch + CARD

        return draw

    def _thread(self, room: str, way: list[str], is_down: bool) -> None:
        places = [self.at[f"{room}/{name}"] for name in way]
        path = ""
        for i, ((ax, ay, aw, ah), (bx, by, bw, bh)) in enumerate(itertools.pairwise(places)):
            sx, sy = (ax + aw / 2, ay + ah) if is_down else (ax + aw, ay + ah / 2)
            ex, ey = (bx + bw / 2, by) if is_down else (bx, by + bh / 2)
            bend = (ey - sy if is_down else ex - sx) / 2
            path += f"M{sx:g} {sy:g}" if not i else f"L{sx:g} {sy:g}"
            path += (
                f"C{sx:g} {sy + bend:g} {ex:g} {ey - bend:g} {ex:g} {ey:g}"
                if is_down
                else (f"C{sx + bend:g} {sy:g} {ex - bend:g} {ey:g} {ex:g} {ey:g}")
            )
        self.on.arrow(path, COLOURS[room][0])


def broad(layers: list[list[str]], w: float) -> list[float]:
    """How broad the cards of each layer are: as their names need, and what is left of w shared out."""
    names = [max(breadth(n, 12, mono=True) for n in layer if not n.startswith("·")) for layer in layers]
    spare = (w - sum(names) - GAP * (len(layers) - 1)) / len(layers)
    return [name + max(spare, 14) for name in names]
