"""Every template escapes what it is given, says when a fact is missing, and makes a page that needs nothing."""

import subprocess
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes
from marks import ATTACK, WORD, Marks, is_only_text

from ingest import settings, words
from ingest.pages import render

OWN_MARKUP = {"expectations/docs.html.j2": ["body"]}  # that of Great Expectations


def templates() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.j2"],
        cwd=settings.ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [name for name in listed.stdout.splitlines() if (settings.ROOT / name).is_file()]


def test_there_are_templates_and_they_escape_by_themselves():
    assert len(templates()) > 3
    assert render.environment().autoescape is True


@pytest.mark.parametrize("name", templates())
def test_no_template_takes_anything_for_markup(name):
    tree = render.environment().parse((settings.ROOT / name).read_text("utf-8"))
    trusted = [found.node.name for found in tree.find_all(nodes.Filter) if found.name == "safe"]
    assert trusted == OWN_MARKUP.get(name, [])
    assert not list(tree.find_all((nodes.ScopedEvalContextModifier, nodes.EvalContextModifier)))


@pytest.fixture
def page(monkeypatch):
    """A page on the skeleton, of one word."""
    text = (
        '{% extends "ingest/pages/page.html.j2" %}{% block title %}{{ it }}{% endblock %}'
        '{% block heading %}{{ it }}{% endblock %}{% block body %}<p title="{{ it }}">{{ it }}</p>{% endblock %}'
    )
    own = render.environment().overlay(
        loader=jinja2.ChoiceLoader([jinja2.DictLoader({"page": text}), render.environment().loader])
    )
    monkeypatch.setattr(render, "environment", lambda: own)
    return "page"


def write(path: Path, page: str, **facts: object) -> Marks:
    render.write(path, page, **facts)
    return Marks(path)


def test_a_page_shows_what_it_is_given_and_needs_nothing(page, tmp_path):
    plain = write(tmp_path / "plain.html", page, it=WORD, is_simulated=True)
    attacked = write(tmp_path / "attacked.html", page, it=ATTACK, is_simulated=True)
    assert is_only_text(attacked, plain)
    assert attacked.needs_nothing()
    assert words.SIMULATED_NOTE in plain.text
    assert plain.text.count(WORD) == 3 and plain.text.count(words.SIMULATED) == 1


def test_real_data_have_no_banner_and_a_missing_fact_is_an_error(page, tmp_path):
    assert words.SIMULATED not in write(tmp_path / "page.html", page, it=WORD, is_simulated=False).text
    for facts in ({"it": WORD}, {"is_simulated": False}):
        with pytest.raises(jinja2.UndefinedError):
            render.write(tmp_path / "page.html", page, **facts)
