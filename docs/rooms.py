"""The map of the README: every room of the tree with its one sentence, and the names of the files in it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
SAID = "docs/rooms.yaml"
# whose folders are rooms of their own, with a line each
OPEN = r"ingest|dbt_project(/models(/intermediate.*)?)?|warehouse|sandbox"
OWN_NAMES = (".gitignore", ".dockerignore", "README.md", "README.zh-CN.md")
UNNAMED = ("__init__", "__main__", "conftest", "README")


@cache
def tree() -> list[PurePosixPath]:
    """Every file that is, or may be, committed."""
    call = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(call, cwd=ROOT, check=True, capture_output=True, text=True)
    return sorted(PurePosixPath(line) for line in listed.stdout.splitlines() if (ROOT / line).is_file())


@cache
def said() -> dict[str, Any]:
    return yaml.safe_load((ROOT / SAID).read_text("utf-8"))


def lines(language: str) -> list[str]:
    """The map as a nested list; 'en' or 'zh'."""
    _same({path.parts[0] for path in tree() if len(path.parts) > 1}, [*said()["order"], *_hidden()], "order")
    listed = [path for path in said()["files"] if "/" not in path or PurePosixPath(path) not in tree()]
    _same({str(path) for path in tree() if len(path.parts) == 1} - {*OWN_NAMES}, listed, "files")
    shown = [line for top in said()["order"] for line in _rooms([top], top, language)]
    if unused := set(said()["folders"]) - _met:
        sys.exit(f"{SAID}：{'、'.join(sorted(unused))} 不在目录树里 (not in the tree)")
    told = [f"[`{path}`]({path}) {sentences[language]}" for path, sentences in said()["files"].items()]
    return [*shown, "- " + ("；" if language == "zh" else "; ").join(told)]


def sentence(room: str, language: str) -> str:
    """A package's own, from its __init__.py: English, then Chinese; of another folder, that of rooms.yaml."""
    if key := _key(room):
        _met.add(key)
        return said()["folders"][key][language]
    init = ROOT / room / "__init__.py"
    if not init.exists():
        sys.exit(f"{SAID}：没有 {room} 的一句话 (has no sentence for it)")
    own = re.split(r"\n\s*\n", ast.get_docstring(ast.parse(init.read_text("utf-8"))) or "")
    if len(own) < 2:
        sys.exit(f"{room}/__init__.py：应有英文一句、空一行、中文一句 (a sentence in English and one in Chinese)")
    return " ".join(own[language == "zh"].split())


_met: set[str] = set()  # whose sentence was asked for


def _rooms(alike: list[str], top: str, language: str) -> list[str]:
    """The line of a room, or the one line of rooms that are alike, and the lines of the rooms in it."""
    room = alike[0]
    inside = {each: [path.relative_to(each) for path in tree() if path.is_relative_to(each)] for each in alike}
    folders = sorted({path.parts[0] for path in inside[room] if len(path.parts) > 1})
    has_code = {path.parts[0] for path in inside[room] if path.suffix in (".py", ".sql")}
    groups: dict[str, list[str]] = {}
    for name in folders if re.fullmatch(OPEN, room) else []:
        key = _key(f"{room}/{name}")
        if key or name in has_code:  # data need a line only where there is something to say
            groups.setdefault(key or name, []).append(f"{room}/{name}")
    below = [line for group in groups.values() for line in _rooms(group, top, language)]
    if room != top and below and all(len(path.parts) > 1 for path in inside[room]):  # a hall: nothing in it but rooms
        return below
    key = _key(room) or room
    if len(alike) > 1:
        named = [f"{PurePosixPath(each).name}: {' '.join(_names(inside[each], key))};" for each in alike]
    else:
        named = folders if key.count("<") > 1 else _names(inside[room], key)
    told = f" `{' '.join(named).removesuffix(';')}`" if named else ""
    name = key.removeprefix(f"{top}/") + ("" if PurePosixPath(key).suffix else "/")
    label = f"[`{name}`]({room if len(alike) == 1 else PurePosixPath(room).parent})"
    return [f"{'- ' if room == top else '  - '}{label} {sentence(room, language)}{told}", *below]


def _key(room: str) -> str | None:
    """The entry of rooms.yaml for a folder; it may say what is in it, too: 'plan/<plan>/<domain>/<indicator>.yaml'."""
    parts, is_package = PurePosixPath(room).parts, (ROOT / room / "__init__.py").exists()
    for key in said()["folders"]:
        named = key.split("/")
        # a package has its own sentence, unless it is one of many alike
        reaches = "<" in "".join(named[: len(parts)] if is_package else named[len(parts) : len(parts) + 1])
        fits = len(named) == len(parts) or (len(named) > len(parts) and reaches)
        if fits and all(re.fullmatch(_meant(name), part) for name, part in zip(named, parts, strict=False)):
            return key
    return None


def _meant(name: str) -> str:
    """A name in which <department> stands for any department that has a contract, another <thing> for anything."""
    departments = {path.parts[2] for path in tree() if path.is_relative_to("ingest/contracts")}
    return re.sub(r"<\w+>", "[^/]+", name.replace("<department>", f"({'|'.join(sorted(departments))})"))


def _hidden() -> set[str]:
    """Folders that are told of by a file in them."""
    return {PurePosixPath(path).parts[0] for path in said()["files"] if "/" in path}


def _names(inside: list[PurePosixPath], key: str) -> list[str]:
    """Of the files right there; without what the entry says that all their names have in common."""
    here = [path for path in inside if len(path.parts) == 1 and path.stem not in UNNAMED]
    names = sorted(path.stem for path in here if path.suffix in (".py", ".md", ".sql"))
    common = re.fullmatch(r"(\w*)<\w+>(\w*)\.\w+", key.rsplit("/", maxsplit=1)[-1])
    return [name.removeprefix(common[1]).removesuffix(common[2]) if common else name for name in names]


def _same(there: set[str], listed: Any, where: str) -> None:
    if differing := there ^ set(listed):
        sys.exit(f"{SAID}：{where} 与目录树不符 (differs from the tree): {'、'.join(sorted(differing))}")
