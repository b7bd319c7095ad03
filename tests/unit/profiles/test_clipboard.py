"""The clipboard by real tools: xsel on an X server, tmux; what is cleared, and what is not."""

import os
import shutil
import subprocess
import time

import pytest

from profiles import clipboard
from profiles.machine import Machine, feed_process

SECRET = "export AWS_SECRET_ACCESS_KEY='wJalr/+x é'\nexport AWS_SESSION_TOKEN='IQoJ'\n"


@pytest.fixture
def x11(tmp_path):
    """An X server of the test's own."""
    if not (shutil.which("Xvfb") and shutil.which("xsel")):
        pytest.skip("no Xvfb and xsel here")
    said, told = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(told), "-nolisten", "tcp"],
        pass_fds=[told],
        stderr=subprocess.DEVNULL,
    )
    os.close(told)
    with os.fdopen(said) as numbers:
        display = f":{numbers.readline().strip()}"
    yield {"DISPLAY": display}
    server.terminate()
    server.wait()


@pytest.fixture
def tmux(tmp_path):
    """A tmux of the test's own."""
    if not shutil.which("tmux"):
        pytest.skip("no tmux here")
    socket = str(tmp_path / "tmux")
    # With a command of its own: who has no shell to log in with gets no session else.
    start = ["tmux", "-S", socket, "-f", "/dev/null", "new-session", "-d", "exec sleep 600"]
    subprocess.run(start, check=True, env=os.environ | {"SHELL": "/bin/sh"})
    yield {"TMUX": f"{socket},1,0"}
    subprocess.run(["tmux", "-S", socket, "kill-server"], check=True)


@pytest.fixture(params=["x11", "tmux"])
def env(request):
    return {"PATH": os.environ["PATH"], "HOME": "/", **request.getfixturevalue(request.param)}


@pytest.fixture
def machine(env, tmp_path):
    """A machine that keeps the arguments of every process, and waits for what it starts."""
    argvs = []

    def start(argv, env):
        argvs.append(argv)
        return subprocess.run(argv, env=env).returncode == 0

    def feed(argv, env, text, timeout):
        argvs.append(argv)
        return feed_process(argv, env, text, timeout)

    made = Machine(env, str(tmp_path), start=start, feed=feed)
    yield made
    assert "wJalr" not in str(argvs)


def held(machine, tool):
    done = subprocess.run(tool.paste, env=dict(machine.env), capture_output=True, text=True)
    return done.stdout


def comes_to_hold(machine, tool, text):
    """Whether it holds a text before long: xsel leaves itself behind, which then takes it up."""
    end = time.monotonic() + 20
    while held(machine, tool) != text:
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_a_secret_is_copied_and_taken_out_again(machine, monkeypatch):
    monkeypatch.setattr(clipboard, "CLEARED_AFTER", 0)
    tool = clipboard.copy(machine, SECRET, clipboard.tools(machine.env))
    assert comes_to_hold(machine, tool, SECRET)
    assert clipboard.clear_later(machine, SECRET, tool)
    assert comes_to_hold(machine, tool, "")


def test_what_was_copied_since_stays(machine, monkeypatch):
    monkeypatch.setattr(clipboard, "CLEARED_AFTER", 0)
    found = clipboard.tools(machine.env)
    tool = clipboard.copy(machine, SECRET, found)
    assert comes_to_hold(machine, tool, SECRET)
    clipboard.copy(machine, "somebody else's", found)
    assert comes_to_hold(machine, tool, "somebody else's")
    assert clipboard.clear_later(machine, SECRET, tool)
    assert held(machine, tool) == "somebody else's"


def test_it_is_cleared_after_its_time_by_a_process_of_its_own(env, tmp_path, monkeypatch):
    monkeypatch.setattr(clipboard, "CLEARED_AFTER", 4)
    machine = Machine(env, str(tmp_path))
    tool = clipboard.copy(machine, SECRET, clipboard.tools(env))
    assert clipboard.clear_later(machine, SECRET, tool)
    assert comes_to_hold(machine, tool, SECRET)
    assert comes_to_hold(machine, tool, "")


def test_tools_that_fail_or_hang_or_are_not_there_are_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(clipboard, "_PATIENCE", 0.2)
    said = []
    machine = Machine({"PATH": os.environ["PATH"]}, str(tmp_path), log=said.append)
    words = [("no-such-tool",), ("false",), ("sleep", "60"), ("cat",)]
    found = tuple(clipboard.Tool("", copy, (), ()) for copy in words)
    assert clipboard.copy(machine, SECRET, found) == found[3]
    assert clipboard.copy(machine, SECRET, found[:3]) is None
    assert len(said) == 2
    assert "no-such-tool" in said[0]


@pytest.mark.parametrize(
    ("env", "platform", "first"),
    [
        ({}, "linux", None),
        ({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0", "TMUX": "t"}, "linux", "wl-copy"),
        ({"DISPLAY": ":0"}, "linux", "xclip"),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "a b"}, "linux", None),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "a b", "TMUX": "t"}, "linux", "tmux"),
        ({}, "darwin", "pbcopy"),
        ({"SSH_TTY": "/dev/pts/1"}, "darwin", None),
    ],
)
def test_the_tools_are_those_of_the_desktop_that_the_person_sits_at(env, platform, first):
    found = clipboard.tools(env, platform)
    assert (found[0].copy[0] if found else None) == first
