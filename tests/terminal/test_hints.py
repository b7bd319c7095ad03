"""The first hints, and going to roles by the palette."""

from tests.terminal.picker_world import desk, machine


async def test_the_first_three_runs_have_hints_and_later_ones_have_none(tmp_path):
    made = machine(tmp_path, hints=True)
    for run in range(4):
        async with desk(made, size=(120, 40)) as at:
            await at.until(lambda: "hints" not in at.picker.errands.running)
            assert ("First steps" in at.screen()) == (run < 3)


async def test_a_key_hides_the_hints_for_good_and_brings_them_back(tmp_path):
    made = machine(tmp_path, hints=True)
    async with desk(made, size=(120, 40)) as at:
        await at.until(lambda: "h  hides this" in at.screen())
        await at.press("h")
        assert "First steps" not in at.screen()
    async with desk(made, size=(120, 40)) as at:
        await at.until(lambda: "hints" not in at.picker.errands.running)
        assert "First steps" not in at.screen()
        await at.press("h")
        assert "First steps" in at.screen()


async def test_hints_take_no_room_from_roles_and_no_click(tmp_path):
    async with desk(tmp_path, size=(80, 24), hints=True) as at:
        await at.until(lambda: at.picker.roles.hints)
        await at.settle()
        before = at.highlighted
        await at.press("G", "j", "j", "pagedown")
        assert at.highlighted == "base"
        await at.press("g", "j")
        lines = at.screen().split("\n")
        hint = next((y for y, line in enumerate(lines) if "First steps" in line), None)
        if hint is not None:
            await at.pilot.click("#roles", offset=(5, hint - 1))
        assert at.highlighted == before


async def test_where_there_is_no_room_the_hints_are_a_toast_that_the_key_takes_away(tmp_path):
    async with desk(tmp_path, size=(80, 16), hints=True) as at:
        await at.settle()
        assert "First steps" in at.toasts
        await at.press("h")
        assert "First steps" not in at.toasts


async def test_hints_name_remapped_keys(tmp_path):
    async with desk(tmp_path, size=(120, 40), settings='[keys]\nshell = "f5"\n', hints=True) as at:
        await at.until(lambda: "f5  opens a shell" in at.screen())


async def test_a_role_is_gone_to_by_its_name_in_the_palette(tmp_path):
    async with desk(tmp_path, words="payments") as at:
        await at.press("ctrl+p")
        await at.type("engineer")
        await at.until(lambda: "data-dev-engineer" in at.screen())
        await at.press("enter")
        await at.until(lambda: at.app.screen is at.picker)
        assert at.highlighted == "data-dev-engineer"
        assert at.asked == []
