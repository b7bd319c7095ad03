"""Finding the roles that a sign-in gives, in a real terminal with a real sign-in."""

from tests.terminal.picker_world import desk
from tests.world.cloud import OTHER
from tests.world.company import allow
from tests.world.home import BIN
from tests.world.identity_center import START_URL

CORP = f"[sso-session corp]\nsso_start_url = {START_URL}\nsso_region = eu-west-1\n"


def test_what_a_sign_in_gives_is_found_by_a_key_and_listed(home, center):
    center.assign("Reader", allow("s3:List*"))
    center.assign("Analyst", allow("s3:List*"), account=OTHER, account_name="data")
    home.config(CORP)
    terminal = home.terminal(str(BIN / "rolecall"), env={"ROLECALL_BROWSER": "none"})
    terminal.until("no roles yet")
    terminal.keys("D")
    terminal.until("The code there")
    center.answer_codes()
    terminal.until("roles of corp: 2, without a profile: 2")
    terminal.until("same as: rolecall discover sso corp")
    terminal.until("/▾ data +444455556666/")
    terminal.until("/Analyst +corp/")
    terminal.keys("q")
    assert terminal.wait() == 0
    assert home.config_file.read_text() == CORP


def test_a_search_that_is_stopped_finds_nothing(home, center):
    home.config(CORP)
    terminal = home.terminal(str(BIN / "rolecall"), env={"ROLECALL_BROWSER": "none"})
    terminal.until("no roles yet")
    terminal.keys("D")
    terminal.until("The code there")
    terminal.keys("escape")
    terminal.until("stopped: corp")
    terminal.keys("q")
    assert terminal.wait() == 0


async def test_without_a_sign_in_in_the_files_it_says_so(tmp_path):
    async with desk(tmp_path) as at:
        await at.press("D")
        assert "no file names an SSO session" in at.toasts


def test_a_line_at_a_time_as_well(home, center):
    center.assign("Reader", allow("s3:List*"))
    home.config(CORP)
    terminal = home.terminal(str(BIN / "rolecall"), "--plain", env={"ROLECALL_BROWSER": "none"})
    terminal.until("rolecall>")
    terminal.line("D")
    terminal.until("the code there is")
    center.answer_codes()
    terminal.until("roles of corp: 1, without a profile: 1")
    terminal.until("1. payments-prod-Reader")
    terminal.line("q")
    assert terminal.wait() == 0
