"""What the table rests on: homes that are read completely, and arithmetic. No time is judged."""

import re
import subprocess
from collections import Counter
from itertools import count

import pytest

from profiles.catalogue.catalogue import Catalogue
from profiles.machine import Machine
from tests.bench import growth, instructions
from tests.bench.__main__ import contests
from tests.bench.aws_folder import aws_folder
from tests.bench.contest import Contest
from tests.bench.home import BASELINES, PYTHON, Home
from tests.bench.sts_stand_in import sts_stand_in
from tests.bench.table import Result, Row, table
from tests.bench.terminal import Terminal


def result(ours, baseline=(10, 10, 100), **row):
    return Result(Row("name", "what", **row), "nothing", baseline, ours)


def test_every_profile_of_the_home_is_read(tmp_path):
    home = Home(tmp_path / "home", 1000, live=3)
    catalogue = Catalogue.load(Machine(env={}, home=str(home.path)))
    assert catalogue.files.check() == []
    assert len(catalogue.roles) == home.folder.kinds.total() == 1003
    read = Counter(_kind(role, catalogue) for role in catalogue.roles)
    assert read == home.folder.kinds
    assert all(home.folder.kinds[kind] for kind in ("chain", "sso", "process", "web-identity"))


def _kind(role, catalogue):
    """By the words of the made-up folder."""
    if role.kind == "role" and role.source not in ("base", "base-eu"):
        return "metadata" if role.get("credential_source") else "chain"
    return {"session-token": "keys"}.get(role.kind, role.kind)


def test_sessions_of_the_home_count_as_rolecalls_own(tmp_path):
    from profiles.catalogue.sessions import session_statuses

    home = Home(tmp_path / "home", 200, live=3)
    machine = Machine(env={}, home=str(home.path))
    found = session_statuses(machine, Catalogue.load(machine))
    assert [status.name for status in found] == list(home.folder.plain)[:3]
    assert {status.origin for status in found} == {"rolecall"}


def test_a_seed_makes_the_same_files_again():
    assert aws_folder(300) == aws_folder(300)
    assert aws_folder(300).config != aws_folder(300, seed=8).config


def test_a_home_forgets_and_is_restored(tmp_path):
    home = Home(tmp_path / "home", 10)
    (home.path / ".local").mkdir()
    (home.path / ".aws" / "credentials").write_text("")
    home.forget()
    assert not (home.path / ".local").exists()
    home.restore()
    assert (home.path / ".aws" / "credentials").read_text() == home.folder.credentials


def test_the_ratio_is_of_medians():
    assert result(ours=(40, 20, 30)).ratio == 3
    assert result(ours=(40, 20, 30), times=2).ratio == 1.5


@pytest.mark.parametrize(
    ("row", "over", "fails", "verdict"),
    [
        ({"bound": 3.0, "held": True}, False, False, "ok"),
        ({"bound": 2.9, "held": True}, True, True, "over"),
        ({"bound": 2.9, "note": "later"}, True, False, "over, later"),
        ({}, False, False, ""),
    ],
)
def test_only_a_bound_that_is_held_fails(row, over, fails, verdict):
    found = result(ours=(30,), **row)
    assert (found.over, found.fails, found.verdict) == (over, fails, verdict)


def test_the_table_has_a_line_for_each_row():
    lines = table([result(ours=(30,), bound=2.9, held=True), result(ours=(5,), times=4)])
    heading, first, second = lines.splitlines()
    assert heading.split() == ["measure", "baseline", "median", "ours", "ratio", "bound"]
    assert re.split(" {2,}", first) == [
        "what", "nothing", "10.0 ms", "30.0 ms", "3.00", "≤ 2.90", "over"
    ]  # fmt: skip
    assert re.split(" {2,}", second) == ["what", "4 × nothing", "40.0 ms", "5.0 ms", "0.12"]


def test_both_sides_run_in_turn_and_warm_up_once():
    ran = []

    def side(name):
        return lambda: ran.append(name) or {"ms": len(ran)}

    contest = Contest("nothing", side("A"), side("B"), (Row("a", "a"), Row("b", "b")))
    (found,) = contest.results(2, {"b"})
    assert "".join(ran) == "ABBAAB"
    assert (found.baseline, found.ours) == ([4, 5], [3, 6])


@pytest.mark.parametrize(("slow", "runs", "fails"), [(0, 2, False), (2, 4, False), (99, 8, True)])
def test_a_row_over_its_bound_gets_more_runs_and_all_of_them_count(slow, runs, fails):
    taken = count()  # the first is the warm-up

    def ours():
        return {"ms": 30 if next(taken) <= slow else 10}

    row = Row("a", "a", bound=2, held=True)
    (found,) = Contest("nothing", lambda: {"ms": 10}, ours, (row,)).results(2, {"a"})
    assert len(found.baseline) == len(found.ours) == runs
    assert found.fails is fails


def test_rows_have_names_of_their_own(tmp_path):
    with sts_stand_in() as sts:
        names = [row.name for contest in contests(tmp_path, sts) for row in contest.rows]
    assert len(names) == len(set(names))


def test_the_bare_request_gets_a_session():
    role_arn = "arn:aws:iam::123456789012:role/Admin"
    with sts_stand_in() as sts:
        script = str(BASELINES / "signed_request.py")
        subprocess.run([PYTHON, script, sts.url, role_arn, "AKIA", "secret", "2"], check=True)
        assert sts.calls == 2


def test_a_program_is_watched_until_it_ends(tmp_path):
    asking = "print('ready', flush=True); print(input()[::-1], flush=True); input()"
    with Terminal([PYTHON, "-c", asking], {"TERM": "xterm-256color"}, str(tmp_path)) as terminal:
        seen = terminal.until("^ready$")
        assert seen.at > terminal.started
        assert seen.memory > 1
        typed = terminal.type("hello\n")
        assert terminal.until("^olleh$").at > typed
        assert terminal.quit("\n") > 0


def test_a_tenth_more_instructions_are_told():
    before = {"list": 2.0, "help": 3.0}
    assert instructions.grown({"list": 2.19, "help": 3.0}, before) == []
    assert instructions.grown({"list": 2.21, "new": 1.0}, before) == ["list", "new"]


@pytest.mark.skipif(
    not (instructions.available() and instructions.recorded()),
    reason="instructions are counted with valgrind, for the Python on record",
)
@pytest.mark.timeout(170)
def test_no_command_takes_a_tenth_more_instructions_than_on_record(tmp_path):
    now = instructions.ratios(tmp_path)
    before = instructions.recorded()
    assert not instructions.grown(now, before), (now, before)


@pytest.mark.parametrize(
    ("figures", "straight"),
    [
        ((10, 20, 120, 1120), True),
        ((10, 20, 120, 1500), False),
        ((10, 10, 10, 11), True),
        ((10, 10, 10, 60), False),
    ],
)
def test_growth_is_linear_where_the_last_step_costs_its_share(figures, straight):
    sizes = dict(zip((100, 1000, 10_000, 100_000), figures, strict=True))
    assert growth.linear(sizes, still=2) is straight
