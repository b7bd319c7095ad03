"""The pictures of the README are what the picker looks like.

After a wanted change: `python screenshots/build.py` and `screenshots/walkthrough.py`, then look.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

BUILD = Path(__file__).resolve().parents[2] / "screenshots" / "build.py"
WALKTHROUGH = BUILD.with_name("walkthrough.py")


@pytest.mark.parametrize("script", [BUILD, WALKTHROUGH], ids=lambda path: path.stem)
def test_every_screenshot_is_up_to_date(script):
    done = subprocess.run(
        [sys.executable, str(script), "--check"],
        capture_output=True,
        text=True,
        env={key: value for key, value in os.environ.items() if key != "NO_COLOR"},
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", sorted(BUILD.parent.glob("*.svg")), ids=lambda path: path.stem)
def test_no_screenshot_shows_a_key_or_a_path_of_the_machine_it_was_made_on(path):
    text = path.read_text()
    for never in ("/tmp", "/home/", "ASIA", "AKIA", "wJalr"):
        assert never not in text


def test_every_screenshot_has_a_scene():
    spec = importlib.util.spec_from_file_location("build", BUILD)
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    scenes = [scene.name for scene in build.SCENES]
    assert len(scenes) == len(set(scenes)) >= 24
    assert {*scenes, "walkthrough"} == {path.stem for path in BUILD.parent.glob("*.svg")}
