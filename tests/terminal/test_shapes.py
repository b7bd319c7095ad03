"""The picker at every shape: which panes there are, and that nothing goes over the edge."""

import itertools

import pytest

from tests.terminal.picker_world import desk
from tui.widgets.text import width

SESSIONS = {"payments-prod-admin": 2467, "payments-dev-admin": 598}
COLUMNS = (120, 100, 99, 80, 79, 60, 59, 40)
LINES = (24, 16, 10, 5)


@pytest.mark.parametrize(("columns", "lines"), itertools.product(COLUMNS, LINES))
async def test_three_panes_two_or_one_with_the_countdown_and_the_keys(tmp_path, columns, lines):
    async with desk(tmp_path, size=(columns, lines), sessions=SESSIONS) as at:
        await at.go_to("payments-prod-admin")
        screen = at.screen()
        shown = screen.splitlines()
        assert len(shown) <= lines
        assert all(width(line) <= columns for line in shown)
        assert "┌ Roles" in screen
        assert ("├ Sessions" in screen) == (columns >= 100 and lines >= 16)
        assert ("┌ payments-prod-admin" in screen) == (columns >= 80)
        assert "41:07" in screen
        hidden = [] if columns >= 100 and lines >= 16 else ["Sessions"]
        hidden += [] if columns >= 80 else ["Details"]
        title = next(line for line in shown if "┌ Roles" in line)
        assert all(name in title for name in hidden)
        assert shown[-1].startswith(" enter switch")
        assert shown[-1].rstrip().endswith("? help")
        others = ("board", "details") if columns >= 80 else ("details", "board")
        for pane in (*others, "roles"):  # each has its turn with the keyboard
            await at.press("tab")
            assert at.picker.get_widget_by_id(pane).region.area, pane
            assert at.picker.get_widget_by_id(pane).has_focus


@pytest.mark.parametrize("columns", [*COLUMNS, 20, 12, 5])
async def test_the_footer_never_has_more_than_fits_nor_than_seven(tmp_path, columns):
    async with desk(tmp_path, size=(columns, 16), sessions=SESSIONS) as at:
        for keys in ((), ("slash",), ("escape", "tab"), ("tab",)):
            await at.press(*keys)
            footer = at.picker.footer
            shown = footer.shown(columns)
            assert 1 <= len(shown) <= 7
            assert shown[-1] == footer._keys[-1]
            strip = footer.render_line(0)
            assert strip.cell_length == columns == width(strip.text)
