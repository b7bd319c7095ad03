"""Names that would do harm as markup, as escapes or by their width, wherever one is shown."""

import unicodedata

import pytest

from profiles.challenges import Confirmation, MfaCode, SignIn, TagValue
from profiles.errors import RolecallError
from tests.terminal.picker_world import CREDENTIALS, desk, machine
from tui.log import Log
from tui.screens.guard_dialog import GuardDialog
from tui.screens.menu import Menu
from tui.screens.mfa_dialog import MfaDialog
from tui.screens.sign_in_dialog import SignInDialog
from tui.screens.tag_dialog import TagDialog
from tui.terminal import notice, titled
from tui.widgets.text import clean, width

NAMES = {
    "markup": "[bold red]x[/] [@click=app.quit]y[/]",
    "escapes": "a\x1b[2J\x1b]0;t\x07b\x9b31mc",
    "wide": "漢字かな交じりの名前テスト환경",
    "right-to-left": "שלום\u202eevil\u202c مرحبا\u2066",
    "emoji": "🚀👩‍👩‍👧‍👦🇩🇪 prod ✈️",
    "combining": "e\u0301a\u0308o\u0302" + "z\u0335\u0322\u033b" * 6,
    "long": "n" * 300,
    "controls": "x\x00\x08\x7f\x85\u2028y\tz\r",
}
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def files(name):
    """AWS files and settings that have it wherever a name may stand."""
    said = name.translate(dict.fromkeys(map(ord, "\r\0]")))  # else no file of theirs can be read
    config = f"""\
[profile base]
region = eu-west-1
[profile "{said}"]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
[profile "other {said}"]
role_arn = arn:aws:iam::123456789012:role/Other
source_profile = {said}
[profile broken]
role_arn = arn:aws:iam::123456789012:role/Broken
source_profile = no {said}
"""
    text = "".join(f"\\u{ord(c):04x}" if (ord(c) < 0x10000 and c < " ") or c in '"\\\x7f' else c
                   for c in name)  # fmt: skip
    settings = f"""\
[accounts.123456789012]
name = "{text}"
[stages."{text}"]
match = ["*"]
confirm = "none"
"""
    return said, {"config": config, "credentials": CREDENTIALS, "settings": settings}


def checked(at, columns):
    """What is seen: plain text that stays within the screen."""
    assert at.app.defect is None
    seen = []
    for strip in at.app.screen._compositor.render_strips():
        assert strip.cell_length == columns
        text = strip.text
        assert not {unicodedata.category(c) for c in text} & UNSEEN, ascii(text)
        assert width(text) <= columns, text
        seen.append(text)
        for segment in strip:
            meta = segment.style.meta if segment.style else {}
            assert "@click" not in meta
            assert "click" not in str(meta.get("@", ""))
    return "\n".join(seen)


@pytest.mark.parametrize("columns", [120, 80, 40])
@pytest.mark.parametrize("kind", NAMES)
async def test_a_name_is_plain_text_within_its_place(tmp_path, kind, columns):
    name = NAMES[kind]
    said, written = files(name)
    env = {"ROLECALL_DEPTH": "1", "ROLECALL_ROLE": name, "AWS_PROFILE": said}
    made = machine(tmp_path, env=env, **written)
    made = made._replace(log=Log(made.now))
    async with desk(made, size=(columns, 24)) as at:
        look, picker = at.app.look, at.picker
        role = at.switcher.catalogue.get(said)
        assert role is not None, at.switcher.catalogue.roles
        await at.go_to(role.name)
        begun = clean(name.replace("]", "") if kind == "markup" else name).strip()[:6]
        assert begun in checked(at, columns)
        await at.press("enter")  # its toast, its session, its row
        await at.until(lambda: role.name in picker.facts.sessions or picker.facts.failures)
        checked(at, columns)
        await at.press("tab")
        checked(at, columns)
        await at.press("tab")
        checked(at, columns)
        await at.press("tab", "slash")
        for letter in name:
            picker.roles.filter.insert(letter)
        picker.roles.lay_out()
        await at.settle()
        checked(at, columns)
        await at.press("escape", "escape")
        picker.facts.failures[role.name] = RolecallError(f"it was {name}", f"try {name}")
        picker.say_error(picker.facts.failures[role.name])
        picker.details.renewed()
        await at.settle()
        checked(at, columns)
        for dialog in (
            GuardDialog(look, Confirmation(name, name, name, name, f"write to [{name}]")),
            GuardDialog(look, Confirmation(name, name, name, None, f"write to [{name}]")),
            MfaDialog(look, MfaCode(name, name, name), lambda _: None),
            SignInDialog(
                look, SignIn(name, name, f"https://{name}", name, 9e9, False, name), made.now, bool  # noqa: FBT003
            ),
            TagDialog(look, TagValue(name, name, name)),
            Menu(look, name, [(name, 1), (f"2 {name}", 2)]),
        ):  # fmt: skip
            await at.app.push_screen(dialog)
            await at.pilot.pause(0.02)
            checked(at, columns)
            at.app.pop_screen()
        for key in ("w", "y", "x", "at", "ctrl+p"):
            await at.pilot.press(key)
            await at.pilot.pause(0.02)
            checked(at, columns)
            await at.pilot.press("escape")
        assert at.app.screen is picker


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_ends_no_sequence_that_it_stands_in(kind):
    for sent in (titled(NAMES[kind]), notice({"TERM": "xterm-kitty"}, NAMES[kind])):
        inside = sent.removeprefix("\x1b]").removesuffix("\x07").removesuffix("\x1b\\")
        assert not {unicodedata.category(letter) for letter in inside} & {"Cc"}
