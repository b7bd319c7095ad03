"""Text on its way to the screen."""

import random

import pytest
from rich.cells import cell_len

from profiles.model import Phase, Stage
from tui.widgets.filter_line import FilterLine
from tui.widgets.glyphs import ASCII, UNICODE, glyphs_for
from tui.widgets.palette import meanings, palette_of
from tui.widgets.text import clean, cut, wrap

LETTERS = "ab c-d/é日本語🙂\u202e\u200b\x1b\t…"


def test_clean_takes_out_what_would_move_the_cursor_or_turn_the_line():
    assert clean("a\x1b[31mb\x07\u202ec\u2066\u200bd\te") == "a[31mbcd e"


@pytest.mark.parametrize("cells", [0, 1, 2, 3, 7, 20])
def test_cut_never_takes_more_cells_than_there_are(cells):
    chance = random.Random(cells)
    for _ in range(300):
        text = clean("".join(chance.choices(LETTERS, k=chance.randint(0, 30))))
        assert cell_len(cut(text, cells)) <= cells
        if cell_len(text) <= cells:
            assert cut(text, cells) == text


@pytest.mark.parametrize("cells", [2, 3, 5, 11, 40])
def test_wrap_keeps_every_letter_and_the_width(cells):
    chance = random.Random(cells)
    for _ in range(300):
        text = clean("".join(chance.choices(LETTERS, k=chance.randint(0, 60))))
        lines = wrap(text, cells)
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert all(cell_len(line) <= cells for line in lines)


def test_wrap_breaks_an_arn_at_its_separators():
    assert wrap("arn:aws:iam::123456789012:role/Admin", 32) == [
        "arn:aws:iam::123456789012:role/",
        "Admin",
    ]


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, UNICODE),
        ({"LANG": "C.UTF-8"}, UNICODE),
        ({"LANG": "en_GB.utf8"}, UNICODE),
        ({"LANG": "de_DE.ISO-8859-1"}, ASCII),
        ({"LANG": "C"}, ASCII),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, ASCII),
        ({"LC_CTYPE": "C.UTF-8"}, UNICODE),
        ({"LC_ALL": "POSIX", "LANG": "en_GB.UTF-8"}, ASCII),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, UNICODE),
    ],
)
def test_signs_follow_the_locale(env, expected):
    assert glyphs_for(env) is expected


def test_ascii_signs_are_ascii_and_every_sign_is_one_cell():
    for name in UNICODE._fields:
        if name in ("unicode", "spinner", "frame", "hop"):
            continue
        assert getattr(ASCII, name).isascii()
        assert cell_len(getattr(UNICODE, name)) == cell_len(getattr(ASCII, name)) == 1


def test_every_phase_has_a_sign_of_its_own():
    for signs in (UNICODE, ASCII):
        assert len({signs.of(phase) for phase in (*Phase, None)}) == 5


def test_the_filter_is_edited_like_a_line():
    line = FilterLine("pay prod")
    for key in ("ctrl+w", "x", "left", "y", "end", "z", "backspace", "home", "delete"):
        assert line.key(key, key if len(key) == 1 else None)
    assert line.text == "ay yx"
    assert not line.key("f5", None)
    line.insert("a\nb\x1b")
    assert line.text == "a bay yx"


def test_a_palette_without_colour_has_none():
    palette = palette_of({}, no_color=True)
    assert all(style.color is None and style.bgcolor is None for style in palette)
    assert palette.cursor.reverse


def test_the_colour_of_a_stage_is_the_users_and_a_wrong_one_does_no_harm():
    from textual.theme import BUILTIN_THEMES

    variables = BUILTIN_THEMES["nord"].to_color_system().generate()
    palette = palette_of(variables | meanings(variables))
    assert palette.stage(Stage("sandbox", colour="#f0e442")).color.name == "#f0e442"
    lighter = palette.stage(Stage("sandbox", colour="#123456"))  # which nobody could read there
    assert lighter.color.name != "#123456"
    assert palette.stage(Stage("sandbox", colour="no colour")) == palette.warning
    assert palette.stage(Stage("production", colour="red")) == palette.production
