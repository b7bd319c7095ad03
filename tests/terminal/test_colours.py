"""Colours: text that can be read in every theme, with sixteen colours, and with none."""

import asyncio

import pytest
from rich.color import ColorType
from textual.color import Color

from profiles.challenges import Confirmation, MfaCode
from tests.terminal.picker_world import desk
from tui.screens.guard_dialog import GuardDialog
from tui.screens.help import HelpScreen
from tui.screens.log_screen import LogScreen
from tui.screens.menu import Menu
from tui.screens.mfa_dialog import MfaDialog
from tui.screens.palette import ActionPalette
from tui.widgets.glyphs import UNICODE
from tui.widgets.palette import READABLE, contrast, readable
from tui.widgets.themes import OURS

SESSIONS = {
    "payments-prod-admin": 2467,
    "payments-dev-admin": 598,
    "data-dev-analyst": 7900,
    "data-staging-analyst": 200,
}
# Lines and pictures, not text; Textual's own edges of toasts and inputs.
NO_TEXT = set(UNICODE.frame + UNICODE.empty + UNICODE.filled + UNICODE.thumb + "▌▎▊▐▔▁▄▀▇▆▅▃▂ ")
GUARD = Confirmation("payments-prod-admin", "production", "payments-prod", "payments-prod", "write")
MFA = MfaCode("arn:aws:iam::111122223333:mfa/ana", "payments-prod-admin", "AWS refused it")


async def drawn(app):
    """Let the screen be laid out; a pilot's own pause waits longer, hundreds of times."""
    await asyncio.sleep(0.02)
    app.screen._on_timer_update()


async def scenes(at):
    """What people see: each scene by name, with the app in it, and the part that counts."""
    picker, look = at.picker, at.app.look
    everything = at.app.screen.region
    picker.roles.go_to("payments-prod-admin")
    picker.show_pane("roles")
    picker.roles.filter.insert("adm")
    picker.action_filter()
    picker.say("a word\nand another", warn=True)
    yield "list", everything
    picker.action_cancel()
    picker.action_cancel()
    picker.show_pane("board")
    yield "board", everything
    for name, dialog in (
        ("guard", GuardDialog(look, GUARD)),
        ("code", MfaDialog(look, MFA, lambda _: None)),
        ("menu", Menu(look, "which", [("one", 1), ("two", 2)])),
        ("help", HelpScreen(look, picker.refused, at.app.current_key)),
        ("log", LogScreen(look, at.app.kept_log)),
        ("palette", ActionPalette()),
    ):
        await at.app.push_screen(dialog)
        box = dialog.query_one("CommandList" if name == "palette" else "#box")
        while not box.region.area:
            await drawn(at.app)
        yield name, box.region
        at.app.pop_screen()


def unreadable(app, region):
    """The texts in a part of the screen whose contrast is too low, with it."""
    found = set()
    for strip in app.screen._compositor.render_strips()[region.y : region.bottom]:
        for text, style, _ in strip.crop(region.x, region.right):
            letters = "".join(letter for letter in text if letter not in NO_TEXT)
            if not letters or style is None or style.color is None or style.bgcolor is None:
                continue
            assert ColorType.DEFAULT not in (style.color.type, style.bgcolor.type)
            pair = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
            if contrast(*pair) < READABLE:
                found.add((letters, *(each.hex for each in pair), round(contrast(*pair), 2)))
    return found


def colour_themes(app):
    return [name for name, theme in app.available_themes.items() if not theme.ansi]


async def test_every_text_of_every_scene_can_be_read_in_every_theme(tmp_path):
    async with desk(tmp_path, sessions=SESSIONS) as at:
        names = colour_themes(at.app)
        assert len(names) >= 20
        assert {theme.name for theme in OURS} < set(names)
        faint = {}
        for name in names:
            at.app.theme = name
            async for scene, region in scenes(at):
                await drawn(at.app)
                for text in unreadable(at.app, region):
                    faint[name, scene, *text] = True
            at.app.clear_notifications()
        assert not faint, "\n".join(map(str, faint))


@pytest.mark.parametrize("ground", ["#000000", "#ffffff", "#7f7f7f", "#14171c"])
@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#808080", "#0000ff", "#ffff00"])
def test_a_colour_is_moved_as_far_as_it_takes_and_no_further(colour, ground):
    before, back = Color.parse(colour), Color.parse(ground)
    found = readable(before, back)
    assert contrast(found, back) >= READABLE
    assert (found == before) == (contrast(before, back) >= READABLE)


def test_phases_and_stages_have_colours_of_their_own_for_every_eye():
    """Okabe and Ito's: no two of those that stand beside each other are the same."""
    for theme in OURS[2:]:
        named = theme.variables
        assert len({named["live"], named["critical"], named["expired"], theme.warning}) == 4
        assert len({named["production"], named["staging"], named["development"]}) == 3


@pytest.mark.parametrize("theme", ["rolecall-dark", "rolecall-light", "dracula", "ansi-light"])
async def test_sixteen_colours_are_the_terminals_own(tmp_path, theme):
    env = {"TERM": "linux", "ROLECALL_THEME": theme}
    async with desk(tmp_path, sessions=SESSIONS, env=env) as at:
        await at.go_to("payments-prod-admin")
        await at.press("question_mark")
        for strip in at.app.screen._compositor.render_strips():
            for _, style, _ in strip:
                for colour in filter(None, (style.color, style.bgcolor)):
                    assert colour.type in (ColorType.DEFAULT, ColorType.STANDARD), (style, colour)
                assert style.bgcolor is None or style.bgcolor.type is ColorType.DEFAULT


async def test_where_more_colours_are_known_of_they_are_used(tmp_path):
    env = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    async with desk(tmp_path, env=env) as at:
        styles = [s for strip in at.app.screen._compositor.render_strips() for _, s, _ in strip]
        assert any(style.color.type is ColorType.TRUECOLOR for style in styles)
