"""IAM Identity Center from end to end: the real binary, the stand-in portal, a real terminal."""

import hashlib
import json
import os
import signal
import stat
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from profiles.times import rfc3339
from tests.world.cloud import MAIN, OTHER
from tests.world.company import allow
from tests.world.home import BIN
from tests.world.identity_center import BROWSER, START_URL

ROLECALL = str(BIN / "rolecall")
CORP = f"""[sso-session corp]
sso_start_url = {START_URL}
sso_region = eu-west-1
sso_registration_scopes = sso:account:access

"""


@pytest.fixture
def portal(center, home):
    """The stand-in, a session named corp, and `dev`, a permission set behind it."""
    center.assign("ReadOnly", allow("sts:*", "s3:*"))
    home.config(CORP)
    sso_profile(home, "dev")
    return center


@pytest.fixture
def browser(home):
    """A browser whose person says yes."""
    home.settings(f"browser = {json.dumps(BROWSER)}\n")


@pytest.fixture
def at_once():
    """Runs something beside the test."""
    with ThreadPoolExecutor(4) as pool:
        yield pool.submit


def sso_profile(home, name, account=MAIN, role="ReadOnly", session="corp"):
    home.profile(
        name, sso_session=session, sso_account_id=account, sso_role_name=role, region="eu-west-1"
    )


def sha1(text):
    return hashlib.sha1(text.encode()).hexdigest()


def token_file(home, name="corp"):
    return home.path / ".aws" / "sso" / "cache" / f"{sha1(name)}.json"


def token(home, name="corp"):
    return json.loads(token_file(home, name).read_text())


def error_of(done, code, status):
    assert done.status == status, done
    [line] = done.stderr.splitlines()
    error = json.loads(line)["error"]
    assert error["code"] == code, error
    return error


def wait_for(holds, timeout=30):
    end = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def signed_in(home):
    done = home.rolecall("login", tty=True)
    assert done.status == 0, done
    return done


# ---- signing in ---------------------------------------------------------------------------


def test_a_browser_here_signs_in_with_a_code_that_only_this_process_can_use(portal, home, browser):
    done = signed_in(home)
    assert "signed in to corp" in done.stdout
    assert portal.last("CreateToken")["grantType"] == "authorization_code"
    assert portal.last("Authorize")["code_challenge_method"] == "S256"
    registered = portal.last("RegisterClient")
    assert registered["redirectUris"] == ["http://127.0.0.1/oauth/callback"]
    assert registered["issuerUrl"] == START_URL
    kept = token(home)
    assert kept["startUrl"] == START_URL
    assert kept["refreshToken"]
    assert stat.S_IMODE(token_file(home).stat().st_mode) == 0o600
    assert kept["accessToken"] not in done.stdout


def test_every_login_is_a_new_sign_in_with_the_client_that_is_registered(portal, home, browser):
    signed_in(home)
    first = token(home)["accessToken"]
    assert home.rolecall("login", "corp", tty=True).status == 0
    assert token(home)["accessToken"] != first
    assert portal.count("RegisterClient") == 1


def test_without_a_browser_a_code_is_shown_and_waited_for(portal, home):
    terminal = home.terminal(ROLECALL, "login")
    terminal.until("/the code there is [A-Z]{4}-[A-Z]{4}/")
    portal.until("CreateToken")
    portal.answer_codes()
    assert terminal.wait() == 0
    assert "signed in to corp" in terminal.text
    assert portal.last("CreateToken")["grantType"].endswith("device_code")


def test_the_page_of_a_device_code_can_be_opened_here(portal, home, browser):
    done = home.rolecall("login", "--device-code", tty=True)
    assert done.status == 0, done
    assert "the browser is open" in done.stdout
    assert portal.count("Authorize") == 0


def test_without_a_terminal_address_and_code_are_printed_when_both_are_asked_for(
    portal, home, browser, at_once
):
    running = at_once(home.rolecall, "login", "--device-code", "--no-browser", "--json")
    portal.until("CreateToken")
    portal.answer_codes()
    done = running.result()
    assert done.status == 0, done
    [user_code] = [code.user_code for code in portal.grants.codes.values()]
    assert f"/device?user_code={user_code}" in done.stderr
    said = json.loads(done.stdout)
    assert (said["name"], said["start_url"]) == ("corp", START_URL)
    assert said["refreshable"]
    assert 3500 < said["seconds_left"] <= 3600


@pytest.mark.parametrize("options", [[], ["--device-code"], ["--no-browser"]])
def test_without_a_terminal_a_login_needs_one(portal, home, browser, options):
    error = error_of(home.rolecall("login", *options, "--json"), "login-required", 3)
    assert "--device-code --no-browser" in error["hint"]
    assert portal.calls == []


def test_no_browser_prints_the_address_of_the_browsers_sign_in(portal, home, browser):
    terminal = home.terminal(ROLECALL, "login", "--no-browser", columns=600)
    screen = terminal.until("/authorize?")
    assert portal.count("Authorize") == 0
    url = next(line.strip() for line in screen.splitlines() if "/authorize?" in line)
    home.python(f"import urllib.request; urllib.request.urlopen({url!r}).read()")
    assert terminal.wait() == 0


def test_a_region_without_browser_sign_in_gets_a_device_code(portal, home, browser):
    portal.knows_pkce = False
    done = signed_in(home)
    assert "the code there is" in done.stdout
    assert portal.last("CreateToken")["grantType"].endswith("device_code")


@pytest.mark.parametrize("option", ["--no-browser", "--device-code"])
def test_who_says_no_in_the_browser_is_not_signed_in(portal, home, browser, option):
    portal.approves = False
    argv = ["login"] if option == "--no-browser" else ["login", option]
    done = home.rolecall(*argv, tty=True)
    assert done.status == 1, done
    assert "turned down in the browser" in done.stdout
    assert not token_file(home).exists()


def test_a_code_that_is_over_ends_the_wait(portal, home):
    terminal = home.terminal(ROLECALL, "login")
    portal.until("CreateToken")
    portal.end_codes()
    assert terminal.wait() == 3
    assert "nobody signed in to corp in time" in terminal.text


def test_a_registration_that_aws_forgot_is_made_anew(portal, home, browser):
    assert home.rolecall("login", "--device-code", tty=True).status == 0
    portal.grants.clients.clear()
    assert home.rolecall("login", "--device-code", tty=True).status == 0
    assert portal.count("RegisterClient") == 2


@pytest.mark.parametrize("moment", ["browser", "code"])
def test_ctrl_c_ends_the_wait_and_leaves_nothing(portal, home, moment):
    if moment == "browser":
        home.settings(f"browser = {json.dumps(BROWSER)}\n")
        portal.approves = None
    terminal = home.terminal(ROLECALL, "assume", "dev")
    portal.until("Authorize" if moment == "browser" else "CreateToken")
    terminal.keys("ctrl+c")
    assert terminal.wait() == 130
    assert not token_file(home).exists()
    assert not home.credentials_file.exists()
    assert not list((home.path / ".aws").rglob(".*tmp*"))
    portal.approves = True
    home.settings(f"browser = {json.dumps(BROWSER)}\n")
    assert home.rolecall("assume", "dev", tty=True).status == 0


def test_an_answer_to_another_sign_in_is_turned_away(portal, home, browser):
    portal.approves = None
    terminal = home.terminal(ROLECALL, "login", columns=600)
    portal.until("Authorize")
    redirect = portal.last("Authorize")["redirect_uri"]
    forged = f"{redirect}?code=stolen&state=guessed"
    code = f"import urllib.request; urllib.request.urlopen({forged!r})"
    assert "HTTP Error 400" in home.python(code).stderr
    assert portal.count("CreateToken") == 0
    terminal.keys("ctrl+c")
    assert terminal.wait() == 130


def test_nobody_there_is_said_at_once_and_nothing_is_asked_of_aws(portal, home, browser):
    error = error_of(home.rolecall("assume", "dev", "--json"), "login-required", 3)
    assert error["hint"] == "run it in a terminal: rolecall login corp"
    portal.close()
    assert home.rolecall("exec", "dev", "--", "true").status == 3
    assert portal.calls == []


# ---- roles --------------------------------------------------------------------------------


def test_a_permission_set_is_assumed_written_and_used(portal, home, browser):
    done = home.rolecall("assume", "dev", tty=True)
    assert done.status == 0, done
    code = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    used = home.python(code, env={"AWS_PROFILE": "dev-session"})
    assert used.stdout.startswith(f"arn:aws:sts::{MAIN}:assumed-role/AWSReservedSSO_ReadOnly_")
    assert json.loads(home.rolecall("assume", "dev", "--json").stdout)["from_cache"]
    assert portal.count("GetRoleCredentials") == 1
    [entry] = json.loads(home.rolecall("history", "--json").stdout)
    assert (entry["role"], entry["source"], entry["account_id"]) == ("dev", "corp", MAIN)
    assert entry["access_key_id"] in home.credentials_file.read_text()


def test_list_and_status_show_it(portal, home, browser):
    home.rolecall("assume", "dev", tty=True)
    [role] = json.loads(home.rolecall("list", "--json").stdout)
    assert (role["kind"], role["source"], role["chain"]) == ("sso", "corp", ["corp", "dev"])
    assert role["problem"] is None
    assert role["session"]["phase"] == "live"
    found = {each["name"]: each for each in json.loads(home.rolecall("status", "--json").stdout)}
    assert set(found) == {"dev", "corp"}
    assert found["corp"]["origin"] == "sso"
    assert found["dev"]["destinations"] == ["[dev-session]"]


def test_an_entry_of_the_settings_is_a_permission_set_too(portal, home):
    portal.assign("Admin", allow("sts:*"), account=OTHER)
    home.settings(
        f"browser = {json.dumps(BROWSER)}\n[[roles]]\nname = 'boss'\nkind = 'sso'\n"
        f"sso_session = 'corp'\naccount_id = '{OTHER}'\nrole_name = 'Admin'\n"
    )
    assert home.rolecall("assume", "boss", tty=True).status == 0
    assert f":{OTHER}:" in home.rolecall("whoami", "boss").stdout


def test_a_role_behind_a_permission_set_is_a_link_of_a_chain(
    portal, company, strict, home, browser
):
    arn = company.role("deployer", f"arn:aws:iam::{MAIN}:root", hours=12)
    home.profile("deployer", role_arn=arn, source_profile="dev")
    assert home.rolecall("assume", "deployer", tty=True).status == 0
    done = home.rolecall("assume", "deployer", "--duration", "2h", "--json")
    error_of(done, "role-chain-too-long", 1)
    [found] = [
        each
        for each in json.loads(home.rolecall("list", "--json").stdout)
        if each["kind"] == "role"
    ]
    assert found["chain"] == ["corp", "dev", "deployer"]


def test_a_legacy_profile_signs_in_with_a_device_code(portal, home, browser):
    home.profile(
        "old",
        sso_start_url=START_URL,
        sso_region="eu-west-1",
        sso_account_id=MAIN,
        sso_role_name="ReadOnly",
    )
    done = home.rolecall("assume", "old", tty=True)
    assert done.status == 0, done
    assert portal.count("Authorize") == 0
    assert "scopes" not in portal.last("RegisterClient")
    kept = token(home, START_URL)
    assert "refreshToken" not in kept
    portal.expire()
    error = error_of(home.rolecall("assume", "old", "--fresh", "--json"), "login-required", 3)
    assert START_URL in error["hint"]


def test_a_permission_set_that_one_does_not_have_is_explained(portal, home, browser):
    sso_profile(home, "boss", role="Admin")
    signed_in(home)
    error = error_of(home.rolecall("assume", "boss", "--json"), "access-denied", 1)
    assert f"no permission set Admin in account {MAIN}" in error["summary"]


def test_a_duration_is_the_permission_sets_to_say(portal, home, browser):
    signed_in(home)
    error = error_of(home.rolecall("assume", "dev", "--duration", "2h", "--json"), "usage", 2)
    assert "--duration" in error["summary"]
    home.settings("duration = '2h'\n")
    assert home.rolecall("assume", "dev").status == 0


# ---- tokens that end ----------------------------------------------------------------------


def test_a_token_near_its_end_is_refreshed_without_a_person(portal, home, browser):
    portal.grants.lifetime = 600
    signed_in(home)
    before = token(home)
    assert home.rolecall("assume", "dev").status == 0
    after = token(home)
    assert portal.last("CreateToken")["grantType"] == "refresh_token"
    assert after["accessToken"] != before["accessToken"]
    assert after["refreshToken"] != before["refreshToken"]
    assert set(after) == set(before)


def test_a_refresh_without_a_new_refresh_token_keeps_the_old_one(portal, home, browser):
    portal.grants.lifetime, portal.grants.rotates = 600, False
    signed_in(home)
    before = token(home)["refreshToken"]
    assert home.rolecall("assume", "dev").status == 0
    assert token(home)["refreshToken"] == before


def test_a_token_that_the_portal_takes_no_more_is_refreshed_once(portal, home, browser):
    signed_in(home)
    portal.expire()
    assert home.rolecall("assume", "dev").status == 0
    assert portal.count("GetRoleCredentials") == 2
    assert portal.count("CreateToken") == 2


def test_a_revoked_sign_in_needs_a_person_and_says_why(portal, home, browser):
    signed_in(home)
    portal.revoke()
    error = error_of(home.rolecall("assume", "dev", "--json"), "login-required", 3)
    assert "Invalid refresh token" in error["summary"]
    assert "rolecall login corp" in error["hint"]
    assert home.rolecall("assume", "dev", tty=True).status == 0


def test_what_is_left_of_a_session_is_used_when_nobody_can_sign_in(portal, home, browser):
    assert home.rolecall("assume", "dev", tty=True).status == 0
    [cached] = (home.path / ".aws" / "cli" / "cache").glob("*.json")
    said = json.loads(cached.read_text())
    said["Credentials"]["Expiration"] = rfc3339(time.time() + 300)
    cached.write_text(json.dumps(said))
    os.utime(cached, (0, time.time() - 3600))
    portal.revoke()
    done = home.rolecall("assume", "dev")
    assert done.status == 0, done
    assert "the session from before is used" in done.stderr
    assert "needs a sign-in to corp" in done.stderr


@pytest.mark.parametrize("name", ["old", "plain"])
def test_a_token_that_nothing_refreshes_is_used_to_its_end(portal, home, browser, name):
    with home.config_file.open("a") as file:
        file.write(f"[sso-session lab]\nsso_start_url = {START_URL}\nsso_region = eu-west-1\n\n")
    sso_profile(home, "plain", session="lab")
    where = {"sso_start_url": START_URL, "sso_region": "eu-west-1"}
    home.profile("old", **where, sso_account_id=MAIN, sso_role_name="ReadOnly")
    portal.grants.lifetime = 600
    # Without scopes, a device code gives no refresh token.
    done = home.rolecall("login", name, "--device-code", "--json", tty=True)
    assert '"refreshable": false' in done.stdout, done
    assert home.rolecall("assume", name, "--fresh").status == 0
    assert portal.count("CreateToken") == 1


def test_a_portal_that_is_out_of_reach_is_said_to_be(portal, home, browser):
    signed_in(home)
    portal.close()
    error = error_of(home.rolecall("assume", "dev", "--json"), "network-unavailable", 1)
    assert "cannot be reached" in error["summary"]


def test_a_token_near_its_end_is_used_where_it_cannot_be_refreshed_now(portal, home, browser):
    portal.grants.lifetime = 600
    signed_in(home)
    portal.fail("CreateToken", "InternalServerException", 500, "oops", times=2)
    assert home.rolecall("assume", "dev").status == 0
    assert portal.count("GetRoleCredentials") == 1


# ---- many at once -------------------------------------------------------------------------


def test_two_processes_need_one_sign_in(portal, home, browser):
    with portal.holding():
        first = home.terminal(ROLECALL, "assume", "dev")
        portal.until("Authorize")
        second = home.terminal(ROLECALL, "exec", "dev", "--", "true")
        second.until("sign in to corp")  # it shows its person the same page
    assert (first.wait(), second.wait()) == (0, 0)
    assert portal.count("Authorize") == 1
    assert portal.count("CreateToken") == 1


def test_who_has_no_terminal_waits_for_a_sign_in_that_another_does(portal, home, browser, at_once):
    with portal.holding():
        first = home.terminal(ROLECALL, "login")
        portal.until("Authorize")
        said = home.path / "said"
        waits = at_once(home.run, "sh", "-c", f"rolecall exec dev -v -- true 2> '{said}'")
        wait_for(lambda: said.exists() and "waiting for the sign-in to corp" in said.read_text())
        assert not waits.done()
    assert first.wait() == 0
    assert waits.result(30).status == 0
    assert portal.count("CreateToken") == 1


def test_who_waited_for_a_sign_in_that_came_to_nothing_starts_no_other(portal, home, browser):
    portal.approves = False
    with portal.holding():
        first = home.terminal(ROLECALL, "assume", "dev")
        portal.until("Authorize")
        second = home.terminal(ROLECALL, "assume", "dev")
        second.until("sign in to corp")
    assert first.wait() == 1
    assert second.wait() == 3
    assert "came to nothing" in second.text
    assert portal.count("Authorize") == 1


def test_a_killed_one_does_not_keep_the_turn(portal, home, browser):
    portal.approves = None
    first = home.terminal(ROLECALL, "assume", "dev")
    portal.until("Authorize")
    first.signal(signal.SIGKILL)
    assert first.wait() == 128 + signal.SIGKILL
    portal.approves = True
    assert home.rolecall("assume", "dev", tty=True).status == 0


def test_many_roles_renewed_at_once_need_one_sign_in(portal, home, browser):
    names = ["dev"]
    for number in range(5):
        portal.assign(f"Role{number}", allow("sts:*"))
        sso_profile(home, f"role{number}", role=f"Role{number}")
        names.append(f"role{number}")
    done = home.rolecall("renew", *names, tty=True)
    assert done.status == 0, done
    assert portal.count("Authorize") == 1
    assert done.stdout.count("sign in to corp") == 1
    assert portal.count("GetRoleCredentials") == 6


def test_many_roles_whose_token_is_refused_refresh_once(portal, home, browser):
    names = ["dev", *(f"dev{number}" for number in range(5))]
    for number in range(5):
        portal.assign(f"Role{number}", allow("sts:*"))
        sso_profile(home, f"dev{number}", role=f"Role{number}")
    signed_in(home)
    portal.expire()
    assert home.rolecall("renew", *names).status == 0
    assert portal.count("CreateToken") == 2


def test_ctrl_c_stops_many_that_wait(portal, home, browser):
    portal.approves = None
    sso_profile(home, "again")
    terminal = home.terminal(ROLECALL, "renew", "dev", "again")
    portal.until("Authorize")
    terminal.keys("ctrl+c")
    assert terminal.wait() == 130


def test_two_processes_refresh_once(portal, home, browser, at_once):
    portal.grants.lifetime = 600
    signed_in(home)
    portal.grants.lifetime = 3600
    portal.delay("CreateToken", 0.5)
    running = [at_once(home.rolecall, "exec", "dev", "--fresh", "--", "true") for _ in range(3)]
    assert [each.result().status for each in running] == [0, 0, 0]
    assert portal.count("CreateToken") == 2


# ---- the picker ---------------------------------------------------------------------------


def test_the_picker_signs_in_and_goes_on(portal, home):
    terminal = home.terminal(ROLECALL)
    terminal.until("dev")
    terminal.keys("enter")
    terminal.until("/The code there: [A-Z]{4}-[A-Z]{4}/")
    portal.until("CreateToken")
    portal.answer_codes()
    terminal.until_gone("The code there")
    terminal.until("live")
    terminal.keys("q")
    assert terminal.wait() == 0
    assert "[dev-session]" in home.credentials_file.read_text()


def test_esc_in_the_picker_stops_the_sign_in(portal, home):
    terminal = home.terminal(ROLECALL)
    terminal.until("dev")
    terminal.keys("enter")
    terminal.until("The code there")
    portal.until("CreateToken")
    terminal.keys("escape")
    terminal.until_gone("The code there")
    terminal.keys("q")
    assert terminal.wait() == 0
    assert not token_file(home).exists()


# ---- signing out --------------------------------------------------------------------------


def test_logout_ends_a_sign_in_here_and_at_aws(portal, home, browser):
    home.rolecall("assume", "dev", tty=True)
    access = token(home)["accessToken"]
    strangers = {
        home.path / ".aws" / "sso" / "cache" / "notes.json": "{}",
        home.path / ".aws" / "cli" / "cache" / "other.json": '{"Credentials": {}}',
    }
    for path, content in strangers.items():
        path.write_text(content)
    [registration] = [
        path
        for path in (home.path / ".aws" / "sso" / "cache").iterdir()
        if "accessToken" not in path.read_text() and path.name != "notes.json"
    ]
    done = home.rolecall("logout", "corp")
    assert done.status == 0, done
    assert done.stdout == "signed out of corp\nremoved 1 cached session\n"
    assert portal.grants.access[access].gone
    assert not token_file(home).exists()
    assert registration.exists()
    assert all(path.read_text() == content for path, content in strangers.items())
    assert home.rolecall("assume", "dev").status == 3
    assert home.rolecall("logout").stdout == "not signed in\n"


def test_logout_of_one_session_leaves_the_others(portal, home, browser):
    with home.config_file.open("a") as file:
        file.write(CORP.replace("corp]", "lab]").replace("corp.aws", "lab.aws"))
    portal.start_urls.add(START_URL.replace("corp", "lab"))
    sso_profile(home, "toy", session="lab")
    for name in ("dev", "toy"):
        assert home.rolecall("assume", name, tty=True).status == 0
    said = json.loads(home.rolecall("logout", "toy", "--json").stdout)
    assert said == {"sign_ins": ["lab"], "cached_sessions": 1}
    assert token_file(home).exists()
    assert len(list((home.path / ".aws" / "cli" / "cache").iterdir())) == 1
    assert home.rolecall("logout", START_URL).stdout.startswith("signed out of corp\n")


def test_logout_without_a_network_still_signs_out_here(portal, home, browser):
    signed_in(home)
    portal.close()
    done = home.rolecall("logout")
    assert done.status == 0, done
    assert "AWS was not told" in done.stderr
    assert not token_file(home).exists()


# ---- which session ------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["corp", "dev", "deployer", START_URL, f"{START_URL}#/"])
def test_a_session_goes_by_its_name_its_roles_and_its_url(portal, home, browser, said):
    home.profile("deployer", role_arn=f"arn:aws:iam::{MAIN}:role/x", source_profile="dev")
    assert home.rolecall("login", said, tty=True).status == 0
    assert token_file(home).exists()


def test_which_session_has_to_be_said_where_there_are_several(portal, home, browser):
    with home.config_file.open("a") as file:
        file.write(CORP.replace("corp]", "lab]"))
    error = error_of(home.rolecall("login", "--json"), "usage", 2)
    assert "corp, lab" in error["summary"]
    error = error_of(home.rolecall("login", "nobody", "--json"), "unknown-target", 2)
    assert "corp, lab" in error["hint"]


def test_a_machine_without_any_session_says_how_to_get_one(home):
    error = error_of(home.rolecall("login", "--json"), "usage", 2)
    assert "aws configure sso" in error["hint"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("[sso-session corp]", "[sso-session other]"), "no [sso-session"),
        (lambda text: text.replace("sso_region = eu-west-1\n", ""), "lacks sso_region"),
        (lambda text: text + "sso_region = us-east-1\n", "do not agree: sso_region"),
    ],
)
def test_settings_that_aws_clients_refuse_are_refused_and_explained(portal, home, change, says):
    home.config(change(home.config_file.read_text().rstrip() + "\n"))
    [role] = json.loads(home.rolecall("list", "--json").stdout)
    assert says in role["problem"]
    error = error_of(home.rolecall("assume", "dev", "--json"), "config-unreadable", 1)
    assert says in error["summary"]


def test_a_start_url_that_aws_does_not_know_is_named(portal, home, browser):
    portal.start_urls.clear()
    done = home.rolecall("login", tty=True)
    assert done.status == 1, done
    assert f"does not take {START_URL}" in done.stdout
