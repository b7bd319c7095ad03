"""Secrets are planted everywhere, every command is run: they show where they are asked for."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from tests.storm.planted import MFA_CODE, SECRETS, Home, found_in
from tests.storm.planted_aws import planted_aws
from tests.storm.scenes import Scene, scenes
from tests.storm.storm import Storm
from tests.world.saml import encoded, xml
from tui.commands import COMMANDS

ROOT = Path(__file__).parents[2]
_UMASKS = (0o000, 0o022, 0o077, 0o777)
_PATIENCE = 60
_CODE = re.compile(rb"(?<![0-9a-f])%b(?![0-9a-f])" % MFA_CODE.encode())
_TOKEN = re.compile(rb"AWS_CONTAINER_AUTHORIZATION_TOKEN='?([\w-]{40,})")
_PAIR = "arn:aws:iam::123456789012:role/Dev,arn:aws:iam::123456789012:saml-provider/idp"


def every_command(folder: Path, count: int, seed: str) -> str:
    """Run that many calls, and each command at least once."""
    chance = random.Random(seed)
    with planted_aws() as aws:
        home = Home(folder, aws.url)
        assertion = encoded(xml(_PAIR, more=f"<!--{SECRETS['password']}-->"))
        home.assertion.write_text(assertion)
        known = scenes(home)
        assert known.keys() == COMMANDS.keys(), known.keys() ^ COMMANDS.keys()
        every = [(name, each) for name, found in known.items() for each in found]
        again = chance.choices(every, k=max(count - len(COMMANDS), 0))
        calls = [(name, chance.choice(found)) for name, found in known.items()]
        if count >= 2 * len(every):
            calls = every * 2
        for number, (name, scene) in enumerate((*calls, *again)[:count]):
            aws.refuses = number >= len(calls) // 2 and chance.random() < 0.4
            _one(home, name, scene, chance, assertion)
    return f"{count} calls of {len(COMMANDS)} commands, no secret but where it belongs"


def _one(home: Home, name: str, scene: Scene, chance: random.Random, assertion: str):
    home.as_before()
    loud = chance.choice(("", "-v", "-vv", "-vv"))
    words = [scene.words[0], *([loud] if loud else []), *scene.words[1:]]
    if chance.random() < 0.5:
        _run(home, ["assume", "reader"], Scene(()), 0o077)  # something is there to be shown
    status, out, err, argvs = _run(home, words, scene, chance.choice(_UMASKS))
    at = f"rolecall {' '.join(words)}: "
    said = f"{at}(status {status})\n{err.decode(errors='replace')}"
    assert b"a defect of rolecall" not in err, said
    assert found_in(err) == set(), said
    extra = found_in(out) - set(scene.shows)
    assert not extra, f"{at}{extra} on standard output"
    for text in (out, err, *argvs):
        assert assertion.encode() not in text, f"{at}the assertion is shown"
    assert not _CODE.search(out + err), f"{at}the MFA code is shown"
    served = _TOKEN.search(out)
    if served is not None:  # it is made anew for each endpoint
        kept = [path for path in home.path.rglob("*") if path.is_file()]
        for text in (err, *argvs, *(path.read_bytes() for path in kept)):
            assert served[1] not in text, f"{at}the endpoint's token is shown"
    wrong = {each for argv in argvs for each in found_in(argv)}
    assert not wrong, f"{at}{wrong} in a process's arguments"
    wrong = [*home.misplaced(), *home.overheard()]
    assert not wrong, at + "; ".join(wrong)


def _run(home: Home, words: list[str], scene: Scene, umask: int):
    """A call; its status, what it printed, and the arguments of all that it ran."""
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "tui", *words],
        env=home.env | dict(scene.env) | {"PYTHONPATH": str(ROOT)},
        cwd=home.path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        umask=umask,
        start_new_session=True,
    )
    argvs: set[bytes] = set()
    over = threading.Event()
    looking = threading.Thread(target=_look, args=(child.pid, argvs, over), daemon=True)
    looking.start()
    if not scene.ends:
        ending = threading.Timer(1.5, child.send_signal, (signal.SIGTERM,))
        ending.start()
    try:
        out, err = child.communicate(scene.typed.encode(), _PATIENCE)
    finally:
        child.kill()
        over.set()
        looking.join()
    return child.returncode, out, err, argvs


def _look(leader: int, argvs: set[bytes], over: threading.Event):
    """Gather the arguments of a session's processes, as any user of the machine may."""
    while os.path.isdir("/proc") and not over.wait(0.01):
        for entry in os.listdir("/proc"):
            if entry.isdigit() and int(entry) >= leader:
                with suppress(OSError):
                    if os.getsid(int(entry)) == leader:
                        argvs.add(Path(f"/proc/{entry}/cmdline").read_bytes())


STORMS = [
    Storm(
        "secrets",
        "secrets planted everywhere, every command, with -v and -vv, refused and not, under every "
        "umask: in no stream, file, argument or environment but where they belong",
        240,
        40,
        every_command,
    ),
]
