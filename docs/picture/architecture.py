"""The picture: the rooms and who uses whom, and the way of one record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from picture import facts, way
from picture.drawing import Picture, breadth, wrapped
from picture.panels import COLOURS, Panels

ROOT = Path(__file__).parents[2]
WIDTH = 1120
LEFT, MIDDLE, RIGHT, END = 84, 760, 820, 1084  # the packages' column, and that of what they run
STORE = ("#64748b", "#f1f5f9")


def draw(manifest: dict[str, Any]) -> str:
    picture = Picture(WIDTH)
    end = draw_rooms(picture, manifest)
    end = draw_way(picture, manifest, end + 56)
    return picture.svg(end + 28, "苏衡：房间与一条记录的路 (Suheng: the rooms, and the way of one record)")


def draw_rooms(picture: Picture, manifest: dict[str, Any]) -> float:
    between, inside = facts.imports()
    counts, reads = facts.models(manifest)
    title(picture, 44, "房间，谁用谁", "The rooms, and who uses whom")
    picture.text(END, 44, "数据逆着箭头走  data goes against the arrows", 13, "quiet", "end")
    on, wide, narrow = Panels(picture), MIDDLE - LEFT, END - RIGHT
    own = {room: lambda part, room=room: facts.short(f"{room}/{part}") for room in facts.PACKAGES}
    y = 72.0
    dags = sorted(path.name for path in (ROOT / "dags").glob("*.py"))
    y = on.panel("dags", LEFT, y, wide, on.chips("dags", dags)) + 34
    y = on.panel("warehouse", LEFT, y, wide, on.graph("warehouse", inside["warehouse"], own["warehouse"])) + 34
    y = on.panel("expectations", LEFT, y, wide, on.chips("expectations", facts.parts("expectations"))) + 34
    left = on.panel("ingest", LEFT, y, wide, on.graph("ingest", inside["ingest"], own["ingest"]))
    models = on.graph("dbt_project", reads, lambda part: f"{counts[part]} models 模型", is_down=True)
    right = on.panel("dbt_project", RIGHT, 72, narrow, models) + 34
    in_sandbox = facts.parts("sandbox")
    few = in_sandbox if len(in_sandbox) <= 15 else [f"{len(in_sandbox)} modules"]
    right = on.panel("sandbox", RIGHT, max(right, y), narrow, on.chips("sandbox", few))
    draw_uses(on, between)
    end = max(left, right) + 30
    picture.text(36, end, "数字是引用的处数；房间之内，可由别的箭头推出的不画；虚线：作为进程运行。", 12, "quiet")
    note = (
        "Numbers count imports; inside a room, arrows that follow from others are left out; dashed: run as a process."
    )
    picture.text(END, end, note, 12, "quiet", "end")
    return end


def draw_uses(on: Panels, between: facts.Edges) -> None:
    """Arrows between the rooms, each with the number of imports: down, along the left side, and across."""
    rail = LEFT
    column = ["dags", "warehouse", "expectations", "ingest"]
    for (user, used), count in sorted(between.items()):
        (x, y, w, h), (ux, uy, uw, _) = on.at[user], on.at[used]
        colour = COLOURS[user][0]
        if user in column and used in column and column.index(used) == column.index(user) + 1:
            middle = x + w / 2
            on.on.arrow(f"M{middle:g} {y + h:g}L{middle:g} {uy:g}", colour, 2)
            on.on.tag(middle, (y + h + uy) / 2 - 2, str(count), colour)
        elif user in column and used in column:
            rail -= 22
            start, there = y + h / 2, uy + 40 + (LEFT - rail)
            on.on.arrow(elbow(x, start, rail, there, ux), colour, 2)
            on.on.tag(rail, (start + there) / 2, str(count), colour)
        elif used == "sandbox":
            start, there, side = y + h - 30, uy + 30, (MIDDLE + RIGHT) / 2
            on.on.arrow(elbow(x + w, start, side, there, ux), colour, 2)
            on.on.tag(side, (start + there) / 2, str(count), colour)
        elif user == "sandbox":
            there = min(y + h - 24, uy + on.at[used][3] - 24)
            on.on.arrow(f"M{x:g} {there:g}H{ux + uw:g}", colour, 2)
            on.on.tag((x + ux + uw) / 2, there, str(count), colour)
    x, y, w, h = on.at[f"warehouse/{facts.starter('dbt_project')}"]
    start, there = y + h / 2, min(y + h / 2, on.at["dbt_project"][1] + on.at["dbt_project"][3] - 24)
    bend = f"C{MIDDLE + 30} {start:g} {RIGHT - 30} {there:g} {RIGHT} {there:g}"
    on.on.arrow(f"M{x + w:g} {start:g}H{MIDDLE}{bend}", COLOURS["warehouse"][0], 2, "5 4")
    on.on.tag((MIDDLE + RIGHT) / 2, (start + there) / 2, "runs", COLOURS["warehouse"][0])


def elbow(x: float, y: float, side: float, there: float, end: float) -> str:
    """Out to a line at the side, down it, and back in or on."""
    out, into = (8 if side > x else -8), (8 if end > side else -8)
    return (
        f"M{x:g} {y:g}H{side - out:g}Q{side:g} {y:g} {side:g} {y + 8:g}"
        f"V{there - 8:g}Q{side:g} {there:g} {side + into:g} {there:g}H{end:g}"
    )


def title(picture: Picture, y: float, zh: str, en: str) -> None:
    picture.text(36, y, zh, 22, "strong")
    picture.text(36 + breadth(zh, 22) + 14, y, en, 17, "quiet")


def draw_way(picture: Picture, manifest: dict[str, Any], y: float) -> float:
    """Rows of steps, each in the colour of its room; the next row goes on where the last one ended."""
    title(picture, y, "一条记录的路", "The way of one record, from a department's file to a published cell")
    gap, size, number = 22, 12, 0
    y += 26
    for row, steps in enumerate(way.steps(manifest)):
        wide = (END - 36 - gap * (len(steps) - 1)) / len(steps)
        told = [
            [(line, style, lead if not k else 0)
             for said, style, lead in ((step.name, "mono strong", 0), (step.en, "", 4), (step.zh, "quiet", 3))
             for k, line in enumerate(wrapped(said, wide - 24, size, style.startswith("mono")))]
            for step in steps
        ]  # fmt: skip
        high = max(map(len, told)) * 17 + 42
        if row:
            line, last, first = STORE[0], END - wide / 2, 36 + wide / 2
            out = f"M{last:g} {y - 40:g}V{y - 28:g}Q{last:g} {y - 20:g} {last - 8:g} {y - 20:g}"
            picture.arrow(f"{out}H{first + 8:g}Q{first:g} {y - 20:g} {first:g} {y - 12:g}V{y:g}", line, 2)
        for i, (step, lines) in enumerate(zip(steps, told, strict=True)):
            number += 1
            x = 36 + i * (wide + gap)
            line, ground = COLOURS.get(step.room, STORE)
            picture.box(x, y, wide, high, line, ground, 10 if step.room in COLOURS else 2)
            picture.text(x + wide - 12, y + 19, str(number), 12, "strong", "end", line)
            picture.text(x + 12, y + 19, step.room, 11, "", "start", line)
            there = y + 23.0
            for said, style, lead in lines:
                there += 17 + lead
                picture.text(x + 12, there, said, size, style)
            if i:
                picture.arrow(f"M{x - gap:g} {y + high / 2:g}H{x:g}", STORE[0], 2)
        y += high + 40
    return y - 40
