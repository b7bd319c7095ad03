"""What the pages tell people to write is what the project reads, without a complaint."""

import re
from pathlib import Path

import pytest

from profiles.catalogue.catalogue import Catalogue
from profiles.machine import Machine

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def blocks(kind):
    return [
        pytest.param(text, id=f"{page.stem}-{number}")
        for page in PAGES
        for number, (found, text) in enumerate(_BLOCK.findall(page.read_text()))
        if found == kind
    ]


@pytest.mark.parametrize("text", blocks("toml"))
def test_settings_load_without_a_warning(tmp_path, text):
    (tmp_path / "config.toml").write_text(text)
    machine = Machine({"ROLECALL_CONFIG": str(tmp_path / "config.toml")}, str(tmp_path))
    catalogue = Catalogue.load(machine)
    assert not catalogue.settings.warnings
    assert not [role.problem for role in catalogue.roles if role.problem]


@pytest.mark.parametrize("text", blocks("ini"))
def test_profiles_are_roles_without_a_problem(tmp_path, text):
    if "# ~/.aws/credentials  " in text:
        pytest.skip("two files side by side")
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(text.replace("[base]", "[profile base]"))
    catalogue = Catalogue.load(Machine({}, str(tmp_path)))
    assert catalogue.roles
    assert not catalogue.files.problems
    assert not [role.problem for role in catalogue.roles if role.problem]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    for target in _LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target
