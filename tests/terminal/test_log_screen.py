"""The log of a run: what was done, to be read in the picker and after it, without secrets."""

import re
import time

from profiles.errors import RolecallError
from profiles.switcher import Switcher
from tests.bench.sts_stand_in import sts_stand_in
from tests.terminal.picker_world import desk, machine
from tui.log import Log

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def logged(home, **files):
    made = machine(home, **files)
    return made._replace(log=Log(made.now))


async def test_the_log_grows_while_it_is_looked_at_and_shows_no_secret(tmp_path):
    made = logged(tmp_path)
    async with desk(made) as at:
        await at.press("at")
        assert "Log of this run" in at.screen()
        made.log(f"a line with {SECRET} and \x1b[2J")
        await at.until(lambda: "a line with … and ?[2J" in at.screen())
        for number in range(100):
            made.log(f"line {number}")
        await at.until(lambda: "line 99" in at.screen())
        await at.press("g")
        assert "line 99" not in at.screen()
        made.log("the very last")
        await at.settle()
        assert "the very last" not in at.screen()
        await at.press("G")
        await at.until(lambda: "the very last" in at.screen())
        await at.press("escape")
        assert "Log of this run" not in at.screen()


async def test_a_switch_its_write_and_its_failures_are_lines(tmp_path):
    made = logged(tmp_path)
    async with desk(made) as at:
        await at.go_to("payments-dev-admin")
        await at.press("enter")
        await at.until(lambda: "payments-dev-admin" in at.picker.facts.sessions)
        at.picker.say_error(RolecallError("it did not work"))
        text = "\n".join(entry.text for entry in made.log.entries)
        assert "payments-dev-admin: role payments-dev-admin" in text
        assert f"{tmp_path}/.aws/credentials: written" in text
        assert re.search(r"\.aws/cli/cache/\w+\.json: kept", text)
        assert "failed (internal): it did not work" in text


def test_calls_and_what_the_cache_had_are_lines(tmp_path, monkeypatch):
    made = logged(tmp_path)._replace(now=time.time)
    with sts_stand_in() as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.url)
        for _ in range(2):
            switcher = Switcher(made)
            switcher.session(switcher.catalogue.get("payments-dev-admin"))
    lines = [entry.text for entry in made.log.entries]
    answered = [line for line in lines if line.startswith("AWS sts assume_role: answered after")]
    assert len(answered) == 1
    assert lines[-1] == ("payments-dev-admin: the session of payments-dev-admin was in the cache")
