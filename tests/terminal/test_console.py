"""The console from the picker: `c`, `C`, and its link in the copy menu."""

import threading
import urllib.request

import pytest

from tests.terminal.picker_world import SETTINGS, desk, machine
from tests.world.console import AwsConsole


def visit(url):
    urllib.request.urlopen(url, timeout=20).close()


@pytest.fixture
def console():
    made = AwsConsole()
    yield made
    made.close()


@pytest.fixture
def made(tmp_path, console):
    """A machine with a browser that goes where it is sent."""
    env = {"ROLECALL_FEDERATION_ENDPOINT": console.url}
    settings = f'browser = ["browser", "{{url}}"]\n{SETTINGS}'

    def start(argv, _):
        threading.Thread(target=visit, args=(argv[1],)).start()
        return True

    return machine(tmp_path, settings=settings, env=env)._replace(start=start)


async def test_c_opens_the_console_as_the_highlighted_role(made, console):
    async with desk(made) as at:
        await at.go_to("payments-dev-admin")
        await at.press("c")
        await at.until(lambda: "the console of payments-dev-admin is open" in at.toasts)
        assert [to for _, to in console.visits] == ["https://console.aws.amazon.com/console/home"]
        assert not at.picker.facts.trying


async def test_capital_c_chooses_the_service(made, console):
    async with desk(made, size=(80, 24)) as at:
        await at.go_to("payments-dev-admin")
        await at.press("C")
        names = at.app.screen._choices.items
        assert "acm" in at.screen()
        await at.press(*["j"] * names.index("lambda"))
        assert "lambda" in at.screen()
        await at.press("enter")
        await at.until(lambda: "at lambda" in at.toasts)
        assert console.visits[0][1].endswith("/lambda/home")


@pytest.mark.parametrize(
    ("typed", "service"),
    [("s3", "s3"), ("ec2x", "ec2"), ("/kms", "kms"), ("cloudf\x7ft", "cloudtrail")],
)
async def test_letters_find_the_service(made, console, typed, service):
    async with desk(made, size=(80, 24)) as at:
        await at.go_to("payments-dev-admin")
        await at.press("C")
        keys = {"/": "slash", "\x7f": "backspace"}
        await at.press(*(keys.get(letter, letter) for letter in typed))
        await at.press("enter")
        await at.until(lambda: f"at {service}\n" in at.toasts)
        assert f"/{service}" in console.visits[0][1]


async def test_the_guard_stands_before_the_console_and_escape_is_no(made, console):
    async with desk(made) as at:
        await at.go_to("payments-prod-readonly")
        await at.press("c")
        await at.until(lambda: "PRODUCTION" in at.screen() and len(at.app.screen_stack) == 2)
        await at.press("escape")
        await at.until(lambda: not at.picker.facts.trying)
        assert not console.asked
        assert not at.asked


async def test_the_link_is_copied_and_stays_off_the_screen(made, console):
    async with desk(made) as at:
        await at.go_to("payments-dev-admin")
        await at.press("y")
        labels = at.app.screen._choices.items
        number = next(n for n, text in enumerate(labels, 1) if "console" in text)
        await at.press(str(number))
        await at.until(lambda: "SigninToken" in at.app.clipboard)
        assert "SigninToken" not in at.screen()
        visit(at.app.clipboard)
        assert len(console.visits) == 1


async def test_a_users_own_keys_say_why_not(made, console):
    async with desk(made) as at:
        await at.go_to("base")
        await at.press("c")
        assert "AWS opens the console for roles" in at.toasts
        assert not console.asked


async def test_no_browser_is_said(made, console):
    async with desk(made._replace(start=lambda *_: False)) as at:
        await at.go_to("payments-dev-admin")
        await at.press("c")
        await at.until(lambda: "no browser" in at.toasts)


async def test_without_a_display_nothing_is_asked_of_aws_or_a_person(tmp_path, console):
    env = {"ROLECALL_FEDERATION_ENDPOINT": console.url}
    async with desk(machine(tmp_path, settings=SETTINGS, env=env)) as at:
        await at.go_to("payments-dev-admin")
        await at.press("c")
        await at.until(lambda: "no browser" in at.toasts)
        assert at.asked == []
        assert not console.asked
