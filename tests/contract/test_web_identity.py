"""Web identity: tokens of files, of programs, and of rolecall's own sign-in at an OIDC provider."""

import itertools
import json
import os
import stat
import sys
import threading
import time

import pytest

from profiles import errors
from profiles.files.sign_ins import kept_sign_in
from profiles.machine import Machine
from profiles.request import Request
from profiles.sources import oidc_sign_in
from profiles.switcher import Switcher
from tests.world import browser
from tests.world.bearer import BROWSER, entry, trust
from tests.world.cloud import MAIN


@pytest.fixture(autouse=True)
def _here(home, monkeypatch):
    """The SDK reads this process's own environment."""
    home.env["AWS_DEFAULT_REGION"] = "eu-west-1"
    for name in ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, home.env[name])


@pytest.fixture
def signing_in(company, home, issuer):
    """A home with a role that is signed in to at the stand-in issuer."""
    arn = trust(company, issuer.url)
    entry(home, arn, issuer=issuer.url, client_id="rolecall")
    home.env |= {"ROLECALL_BROWSER": BROWSER}
    return arn


def switcher_of(home, **more):
    return Switcher(Machine(env=home.env | more, home=str(home.path)))


def session(home, ask=lambda _: "", switcher=None, **request):
    switcher = switcher or switcher_of(home)
    return switcher.session(switcher.catalogue.resolve("bearer"), Request(**request), ask=ask)


def error_of(done):
    return json.loads(done.stderr)["error"]


# ---- a program's token --------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape", ["{}", " {}\n", '{{"id_token": "{}"}}', '{{"token": "{}", "token_type": "x"}}']
)
def test_a_program_prints_the_token_or_json_that_holds_it(company, home, issuer, strict, shape):
    token = issuer.token()
    (home.path / "printed").write_text(shape.format(token))
    entry(home, trust(company, issuer.url), token_command=["cat", str(home.path / "printed")])
    done = home.rolecall("assume", "bearer", "--json")
    assert done.status == 0, done
    assert strict.last("AssumeRoleWithWebIdentity")["WebIdentityToken"] == token
    who = home.aws("sts", "get-caller-identity", "--profile", "bearer-session")
    assert ":assumed-role/bearer/" in who.stdout


def test_the_program_runs_again_only_when_the_session_is_over(company, home, issuer, strict):
    log = home.path / "log"
    script = f"echo ran >> {log}; echo {issuer.token()}"
    entry(home, trust(company, issuer.url), token_command=["sh", "-c", script])
    for _ in range(2):
        assert home.rolecall("assume", "bearer").status == 0
    assert log.read_text() == "ran\n"
    assert strict.count("AssumeRoleWithWebIdentity") == 1
    assert home.rolecall("assume", "bearer", "--fresh").status == 0
    assert log.read_text() == "ran\nran\n"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "status 3"),
        ("echo 'not logged in' >&2; exit 1", "not logged in"),
        ("true", "prints nothing"),
        ("echo two words", "prints no token"),
        ("echo '{\"a\": 1}'", "prints no token"),
        ("echo '{oh'", "neither a token nor JSON"),
    ],
)
def test_a_program_that_gives_no_token_is_told_in_its_own_words(home, script, said):
    entry(home, "arn:aws:iam::1:role/x", token_command=["sh", "-c", script])
    entry(home, f"arn:aws:iam::{MAIN}:role/x", "other", token_command=["sh", "-c", script])
    done = home.rolecall("exec", "other", "--", "true")
    assert done.status == 1, done
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_a_program_that_is_not_there_or_hangs(home, strict):
    entry(home, f"arn:aws:iam::{MAIN}:role/x", token_command=["/no/such", "x"])
    assert "no command '/no/such'" in home.rolecall("assume", "bearer").stderr

    def late(argv, env, timeout):
        assert 10 <= timeout <= 120
        assert "AWS_SECRET_ACCESS_KEY" not in env
        raise TimeoutError(f"{argv[0]} took longer than {timeout:g} s")

    home.env["AWS_SECRET_ACCESS_KEY"] = "x"
    machine = Machine(env=home.env, home=str(home.path), run=late)
    with pytest.raises(errors.ConfigUnreadable, match="took longer"):
        session(home, switcher=Switcher(machine))
    assert not strict.calls


# ---- a token in a file, by an entry -------------------------------------------------------


def test_an_entry_with_a_token_file_is_like_a_profile_with_one(company, home, issuer, strict):
    token = home.path / "token"
    token.write_text(issuer.token())
    arn = trust(company, issuer.url)
    entry(home, arn, token_file=str(token))
    home.profile("by-profile", role_arn=arn, web_identity_token_file=token)
    assert home.rolecall("assume", "bearer").status == 0
    assert json.loads(home.rolecall("assume", "by-profile", "--json").stdout)["from_cache"]
    listed = json.loads(home.rolecall("list", "--json").stdout)
    assert [(role["source"], role["problem"]) for role in listed] == [(None, None)] * 2


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({}, "needs one of token_file, token_command, issuer"),
        ({"token_file": "x", "issuer": "https://x"}, "both token_file and issuer"),
        ({"issuer": "https://x"}, "client_id is missing"),
        ({"token_file": "x", "source": "base"}, "has no source"),
        ({"token_file": "x", "role_arn": "arn:x"}, "not the ARN of a role"),
    ],
)
def test_an_entry_that_cannot_work_says_why_in_the_list(home, settings, problem):
    entry(home, f"arn:aws:iam::{MAIN}:role/x", **settings)
    [role] = json.loads(home.rolecall("list", "--json").stdout)
    assert problem in role["problem"]
    done = home.rolecall("assume", "bearer")
    assert done.status == 2
    assert problem in done.stderr


@pytest.mark.parametrize(
    "option", ["--tag=a=b", "--source=base", "--external-id=x", "--source-identity=ana"]
)
def test_what_the_call_does_not_take_is_refused_and_not_dropped(home, strict, option):
    entry(home, f"arn:aws:iam::{MAIN}:role/x", token_command=["echo", "t"])
    assert home.rolecall("assume", "bearer", option).status == 2
    assert not strict.calls


def test_a_session_policy_and_name_go_along(company, home, issuer, strict):
    entry(home, trust(company, issuer.url), token_command=["echo", issuer.token()])
    policy = '{"Version": "2012-10-17", "Statement": []}'
    done = home.rolecall("assume", "bearer", "--policy", policy, "--session-name", "nightly")
    assert done.status == 0, done
    sent = strict.last("AssumeRoleWithWebIdentity")
    assert sent["RoleSessionName"] == "nightly"
    assert json.loads(sent["Policy"]) == json.loads(policy)


# ---- the sign-in, in a browser ------------------------------------------------------------


def test_a_sign_in_in_the_browser_gives_a_session(home, signing_in, issuer):
    done = home.rolecall("assume", "bearer", "--json", tty=True)
    assert done.status == 0, done
    assert issuer.count("authorization_code") == 1
    assert issuer.count("/device") == 0
    who = home.aws("sts", "get-caller-identity", "--profile", "bearer-session")
    assert ":assumed-role/bearer/" in who.stdout


def test_one_sign_in_serves_roles_and_runs_until_it_ends(company, home, signing_in, issuer, strict):
    entry(home, company.account().role("second", *trusted(company)), "second",
          issuer=issuer.url, client_id="rolecall")  # fmt: skip
    assert home.rolecall("assume", "bearer", tty=True).status == 0
    # The second role needs no terminal, nor does the first again.
    assert home.rolecall("assume", "second").status == 0
    assert json.loads(home.rolecall("assume", "bearer", "--json").stdout)["from_cache"]
    assert home.rolecall("assume", "bearer", "--fresh").status == 0
    assert issuer.count("authorization_code") == 1
    assert strict.count("AssumeRoleWithWebIdentity") == 3


def trusted(company):
    document = company.account().client("iam").get_role(RoleName="bearer")["Role"]
    return document["AssumeRolePolicyDocument"]["Statement"]


@pytest.mark.parametrize("said", [["bearer"], []])
def test_logout_forgets_the_sign_in_and_its_sessions(home, signing_in, issuer, strict, said):
    session(home)
    done = home.rolecall("logout", *said)
    assert done.status == 0, done.stderr
    assert done.stdout == f"signed out of {issuer.url}\nremoved 1 cached session\n"
    assert home.rolecall("logout", *said).stdout == "not signed in\n"
    calls = strict.count("AssumeRoleWithWebIdentity")
    session(home)
    assert strict.count("AssumeRoleWithWebIdentity") == calls + 1


def test_what_is_kept_is_for_its_owner_alone(home, signing_in):
    session(home)
    folder = home.path / ".local" / "state" / "rolecall" / "sign-ins"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.glob("*.json"))
    assert len(files) == 1
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert "127.0.0.1" not in files[0].name
    machine = switcher_of(home).machine
    kept = kept_sign_in(machine, json.loads(files[0].read_text())["where"])
    assert kept.id_token not in repr(kept)
    assert kept.refresh_token not in repr(kept)


def test_a_token_near_its_end_is_refreshed_without_the_person(home, signing_in, issuer, strict):
    issuer.lasts = 30
    assert home.rolecall("assume", "bearer", tty=True).status == 0
    issuer.lasts = 3600
    done = home.rolecall("assume", "bearer", "--fresh")
    assert done.status == 0, done
    assert issuer.count("refresh_token") == 1
    assert issuer.count("authorization_code") == 1
    # The refresh token of the refresh is the one that is kept: each is good once.
    issuer.lasts = 30
    assert home.rolecall("assume", "bearer", "--fresh").status == 0
    where = oidc_sign_in.Client(issuer.url, "rolecall").where
    kept = kept_sign_in(switcher_of(home).machine, where)
    assert kept.refresh_token in issuer._refresh


def test_a_refresh_that_is_refused_asks_the_person_again(home, signing_in, issuer):
    issuer.lasts = 30
    session(home)
    issuer.revoke()
    assert session(home, fresh=True).identity
    assert issuer.count("authorization_code") == 2
    issuer.revoke()
    done = home.rolecall("assume", "bearer", "--fresh", "--json")
    assert done.status == 3, done
    assert "rolecall assume bearer" in error_of(done)["hint"]


def test_a_token_that_aws_calls_expired_is_replaced_once(home, signing_in, issuer, strict):
    session(home)
    strict.fail("ExpiredTokenException", 400, "Token too old: 441398")
    assert session(home, fresh=True).identity
    assert issuer.count("refresh_token") == 1
    strict.fail("ExpiredTokenException", 400, "Token too old: 441398", times=2)
    with pytest.raises(errors.LoginRequired, match="Token too old"):
        session(home, fresh=True)


def test_somebody_else_who_signs_in_gets_no_session_of_the_first(home, signing_in, issuer, strict):
    issuer.lasts = 30
    first = session(home)
    issuer.revoke()
    issuer.subject = "ben"
    second = session(home, fresh=True)
    assert second.credentials.access_key_id != first.credentials.access_key_id
    again = session(home)
    assert again.from_cache
    assert again.credentials.access_key_id == second.credentials.access_key_id


def test_many_that_wait_get_one_sign_in(company, home, signing_in, issuer):
    entry(home, company.account().role("second", *trusted(company)), "second",
          issuer=issuer.url, client_id="rolecall")  # fmt: skip
    terminals = [
        home.terminal(sys.executable, "-m", "tui", "assume", name, env={"PYTHONPATH": os.getcwd()})
        for name in ("bearer", "second", "bearer")
    ]
    assert [terminal.wait(60) for terminal in terminals] == [0, 0, 0]
    assert issuer.count("authorization_code") == 1


def test_threads_that_wait_get_one_sign_in(home, signing_in, issuer):
    switcher, got = switcher_of(home), []

    def one():
        got.append(session(home, switcher=switcher))

    threads = [threading.Thread(target=one) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(got) == 5
    assert issuer.count("authorization_code") == 1


def test_who_says_no_is_not_asked_for_each_that_waits(home, signing_in, issuer):
    issuer.denies = True
    switcher, failed = switcher_of(home), []
    role, answer = switcher.catalogue.resolve("bearer"), issuer.answer
    looks = [0] * 3

    def when_all_wait(method, path, fields):
        if path.startswith("/.well-known"):
            # The two that wait look again and again whether they are stopped; the one does not.
            end = time.monotonic() + 30
            while sorted(looks)[1] < 6 and time.monotonic() < end:
                time.sleep(0.02)
        return answer(method, path, fields)

    issuer.answer = when_all_wait

    def one(number):
        def cancelled():
            looks[number] += 1
            return False

        try:
            switcher.session(role, Request(), ask=lambda _: "", cancelled=cancelled)
        except errors.RolecallError as error:
            failed.append(type(error))

    threads = [threading.Thread(target=one, args=[number]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == [errors.AccessDenied] * 3
    assert issuer.count("/auth") == 1


def test_without_a_terminal_a_sign_in_is_exit_3_and_opens_nothing(home, signing_in, issuer):
    done = home.rolecall("assume", "bearer", "--json")
    assert done.status == 3, done
    error = error_of(done)
    assert error["code"] == "login-required"
    assert "rolecall assume bearer" in error["hint"]
    assert issuer.count("/auth") == 0


def test_ctrl_c_ends_the_wait_for_a_sign_in(home, signing_in):
    home.env["ROLECALL_BROWSER"] = "true"
    terminal = home.terminal("rolecall", "assume", "bearer")
    terminal.until("sign in to http://127.0.0.1")
    terminal.keys("ctrl+c")
    assert terminal.wait() == 130
    assert not home.credentials_file.exists()


def test_a_person_who_gives_up_stops_the_wait(home, signing_in, issuer):
    home.env["ROLECALL_BROWSER"] = "true"
    shown = threading.Event()

    def ask(challenge):
        shown.set()
        return ""

    with pytest.raises(errors.Cancelled):
        switcher = switcher_of(home)
        switcher.session(switcher.catalogue.resolve("bearer"), ask=ask, cancelled=shown.is_set)


def test_the_one_who_says_no_is_told_so(home, signing_in, issuer):
    issuer.denies = True
    with pytest.raises(errors.AccessDenied, match="refused: ana said no"):
        session(home)


def test_nobody_who_signs_in_in_time_is_an_error(home, signing_in, monkeypatch):
    monkeypatch.setattr(oidc_sign_in, "PATIENCE", 0.2)
    home.env["ROLECALL_BROWSER"] = "true"
    with pytest.raises(errors.LoginRequired, match="in time"):
        session(home)


def test_scopes_and_port_are_those_of_the_entry(company, home, issuer, port):
    asked = []
    issuer_answer = issuer.answer

    def answer(method, path, fields):
        asked.append((path, fields))
        return issuer_answer(method, path, fields)

    issuer.answer = answer
    entry(home, trust(company, issuer.url), issuer=issuer.url, client_id="rolecall",
          scopes=["email"], port=port)  # fmt: skip
    home.env |= {"ROLECALL_BROWSER": BROWSER}
    session(home)
    [fields] = [fields for path, fields in asked if path == "/auth"]
    assert fields["scope"] == "openid email"
    assert fields["redirect_uri"] == f"http://127.0.0.1:{port}/callback"
    assert "prompt" not in fields


# ---- the device code ----------------------------------------------------------------------


@pytest.fixture
def by_code(home, signing_in):
    """No browser can be opened here."""
    home.env["ROLECALL_BROWSER"] = "none"


def test_without_a_browser_a_code_does(home, by_code, issuer):
    asked = []
    got = session(home, ask=lambda challenge: asked.append(challenge) or "")
    assert got.identity
    [challenge] = asked
    assert (challenge.code, challenge.url) == ("ABCD-EFGH", f"{issuer.url}/enter")
    assert not challenge.opened
    assert issuer.count("/auth") == 0


def test_the_code_is_shown_on_the_terminal_while_it_waits(home, by_code, issuer):
    issuer.decided = False
    terminal = home.terminal("rolecall", "assume", "bearer")
    terminal.until("ABCD-EFGH")
    issuer.decided = True
    assert terminal.wait() == 0


class FastClock:
    """Time, fifty times as fast."""

    def __init__(self):
        self.began = time.time()

    def __call__(self):
        return self.began + (time.time() - self.began) * 50


def test_it_slows_down_when_told_and_goes_on_waiting(home, by_code, issuer):
    clock = issuer.now = FastClock()
    issuer.decided, issuer.interval = False, 5
    machine = Machine(env=home.env, home=str(home.path), now=clock)
    polled = issuer._polled_token
    times = []

    def hasty(code):
        times.append(clock())
        if len(times) == 1:
            issuer.interval = 1e9  # this poll is too early, whenever it comes
            issuer._polled[code] = clock()
            answer = polled(code)
            issuer.interval = 10
            return answer
        issuer.decided = len(times) > 3
        return polled(code)

    issuer._polled_token = hasty
    assert session(home, switcher=Switcher(machine)).identity
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert len(gaps) == 3
    assert all(gap >= 10 for gap in gaps)


@pytest.mark.parametrize(("ends", "error"), [("denied", "AccessDenied"), ("expired", "LoginReq")])
def test_a_code_that_is_refused_or_over(home, by_code, issuer, ends, error):
    if ends == "denied":
        issuer.denies = True
    else:
        issuer.pages["/token"] = (400, '{"error": "expired_token"}')
    with pytest.raises(errors.RolecallError) as failed:
        session(home)
    assert type(failed.value).__name__.startswith(error)


def test_a_code_that_nobody_enters_ends_with_its_time(home, by_code, issuer):
    issuer.now = FastClock()
    issuer.decided, issuer.code_lasts = False, 20
    machine = Machine(env=home.env, home=str(home.path), now=issuer.now)
    with pytest.raises(errors.LoginRequired, match="in time"):
        session(home, switcher=Switcher(machine))


# ---- bad days -----------------------------------------------------------------------------

HTML = "<html>Please log in to the wifi</html>"


@pytest.mark.parametrize(
    ("break_it", "error", "said"),
    [
        (lambda i: i.close(), errors.NetworkUnavailable, "cannot be reached"),
        (lambda i: i.pages.update({"/.well-known/openid-configuration": (200, HTML)}),
         errors.NetworkUnavailable, "no JSON"),
        (lambda i: i.pages.update({"/.well-known/openid-configuration": (404, HTML)}),
         errors.ConfigUnreadable, "no OpenID Connect issuer"),
        (lambda i: i.pages.update({"/.well-known/openid-configuration": (503, "{}")}),
         errors.NetworkUnavailable, "status 503"),
        (lambda i: i.pages.update({"/.well-known/openid-configuration": (200, "[" * 5000)}),
         errors.NetworkUnavailable, "no JSON"),
        (lambda i: i.pages.update({"/.well-known/openid-configuration": (200, "x" * 2000000)}),
         errors.NetworkUnavailable, "come to an end"),
        (lambda i: i.says.update(issuer="https://evil.test"), errors.ConfigUnreadable,
         "calls itself https://evil.test"),
        (lambda i: i.says.update(jwks_uri="http://evil.test/jwks"), errors.ConfigUnreadable,
         "not an https address"),
        (lambda i: i.says.update(authorization_endpoint=None, device_authorization_endpoint=None),
         errors.ConfigUnreadable, "offers no sign-in"),
        (lambda i: i.pages.update({"/token": (502, HTML)}), errors.NetworkUnavailable, "no JSON"),
        (lambda i: i.pages.update({"/token": (401, '{"error": "invalid_client"}')}),
         errors.AccessDenied, "invalid_client"),
        (lambda i: i.pages.update({"/token": (200, '{"access_token": "x"}')}),
         errors.LoginRequired, "no ID token"),
        (lambda i: i.pages.update({"/token": (200, '{"id_token": "x.y.z"}')}),
         errors.AccessDenied, "signature"),
        (lambda i: i.pages.update({"/jwks": (200, '{"keys": []}')}), errors.AccessDenied,
         "signature"),
        (lambda i: i.pages.update({"/jwks": (200, '{"keys": 7}')}), errors.AccessDenied,
         "signature"),
        (lambda i: i.claims.update(aud="somebody-else"), errors.AccessDenied, "somebody-else"),
        (lambda i: i.claims.update(iss="https://evil.test"), errors.AccessDenied, "evil.test"),
        (lambda i: i.claims.update(nonce="another"), errors.AccessDenied, "nonce"),
        (lambda i: i.claims.update(nonce=None), errors.AccessDenied, "nonce"),
        (lambda i: i.claims.update(sub=None), errors.AccessDenied, "sub"),
        (lambda i: i.claims.update(azp="somebody-else"), errors.AccessDenied, "azp"),
        (lambda i: i.claims.update(exp=1000), errors.ClockSkew, "over already"),
        (lambda i: i.claims.update(iat=4102444800), errors.ClockSkew, "not good yet"),
    ],
)  # fmt: skip
def test_a_bad_day_is_one_clear_error(home, signing_in, issuer, strict, break_it, error, said):
    break_it(issuer)
    with pytest.raises(error) as failed:
        session(home)
    assert type(failed.value) is error
    assert said in failed.value.summary
    assert failed.value.hint
    assert "\n" not in failed.value.summary
    assert strict.count("AssumeRoleWithWebIdentity") == 0


def test_a_token_signed_by_another_key_is_not_believed(home, signing_in, issuer):
    other = type(issuer)()
    issuer.key, real = other.key, issuer.key
    token = issuer.token()
    issuer.key = real
    issuer.pages["/token"] = (200, json.dumps({"id_token": token}))
    other.close()
    with pytest.raises(errors.AccessDenied, match="signature"):
        session(home)


def test_a_clock_that_is_off_is_said_by_how_much(home, signing_in, issuer):
    machine = Machine(env=home.env, home=str(home.path), now=lambda: time.time() - 7200)
    with pytest.raises(errors.ClockSkew, match="behind"):
        session(home, switcher=Switcher(machine))


def test_an_issuer_that_hangs_is_left_in_time(home, signing_in, issuer, monkeypatch):
    from profiles.sources import web

    monkeypatch.setattr(web, "READ_TIMEOUT", 0.3)
    release = threading.Event()
    issuer.answer = lambda *_: release.wait(20) and None
    try:
        with pytest.raises(errors.NetworkUnavailable, match="no answer in time"):
            session(home)
    finally:
        release.set()


def test_plain_http_to_elsewhere_is_refused(company, home):
    entry(home, f"arn:aws:iam::{MAIN}:role/x", issuer="http://idp.test", client_id="c")
    with pytest.raises(errors.ConfigUnreadable, match="not an https address"):
        session(home)


def test_the_proxy_and_the_ca_of_the_environment_count(home, signing_in, issuer):
    with pytest.raises(errors.NetworkUnavailable, match="proxy"):
        session(home, switcher=switcher_of(home, http_proxy="http://127.0.0.1:9"))
    assert session(
        home, switcher=switcher_of(home, http_proxy="http://127.0.0.1:9", NO_PROXY="127.0.0.1")
    )


def test_no_network_uses_what_is_left_of_the_session(home, signing_in, issuer, strict):
    got = session(home)
    issuer.lasts = 30
    cached = next((home.path / ".aws/cli/cache").glob("*.json"))
    said = json.loads(cached.read_text())
    end = time.gmtime(time.time() + 300)
    said["Credentials"]["Expiration"] = time.strftime("%Y-%m-%dT%H:%M:%SUTC", end)
    cached.write_text(json.dumps(said))
    long_ago = time.time() - 3600
    os.utime(cached, (long_ago, long_ago))
    strict.close()
    left = session(home)
    assert left.credentials.access_key_id == got.credentials.access_key_id
    assert any("the session from before is used" in note for note in left.notes)


# ---- AWS's side ---------------------------------------------------------------------------


def test_aws_refuses_a_token_and_rolecall_says_what_to_do(company, home, issuer, strict):
    arn = trust(company, issuer.url)
    printed = home.path / "printed"
    entry(home, arn, token_command=["cat", str(printed)])

    def refused(token):
        printed.write_text(token)
        done = home.rolecall("assume", "bearer", "--fresh", "--json")
        return done.status, error_of(done)

    status, error = refused(issuer.token(exp=int(time.time()) - 5))
    assert (status, error["code"]) == (3, "login-required")
    assert "Token expired" in error["summary"]
    status, error = refused(issuer.token(aud="other"))
    assert (status, error["code"]) == (1, "access-denied")
    assert "audiences" in error["hint"]
    status, error = refused(issuer.token()[:-8] + "AAAAAAAA")
    assert (status, error["code"]) == (1, "access-denied")
    status, error = refused("opaque")
    assert (status, error["code"]) == (3, "login-required")
    strict.proofs.issuers = {"https://else.test": {"x"}}
    status, error = refused(issuer.token())
    assert "Identity providers" in error["hint"]


def test_a_role_behind_a_web_identity_lasts_an_hour(company, home, signing_in, issuer, strict):
    arn = company.role("behind", signing_in, hours=2)
    company.account().client("iam").put_role_policy(
        RoleName="bearer", PolicyName="may", PolicyDocument=json.dumps(
            {"Version": "2012-10-17",
             "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}),
    )  # fmt: skip
    with home.settings_file.open("a") as file:
        file.write(f'[[roles]]\nname = "behind"\nrole_arn = "{arn}"\nsource = "bearer"\n')
    switcher = switcher_of(home)
    role = switcher.catalogue.resolve("behind")
    assert switcher.session(role, ask=lambda _: "").identity.endswith("/ana")
    with pytest.raises(errors.RoleChainTooLong):
        switcher.session(role, Request(duration=7200))


# ---- a real provider ----------------------------------------------------------------------


def of_node(company, home, node):
    url = node.start("oidc-provider.mjs", env={"PATH": os.environ["PATH"]})
    entry(home, trust(company, url), issuer=url, client_id="rolecall")


def test_a_real_provider_by_browser_and_refresh(company, home, node):
    of_node(company, home, node)
    home.env |= {"ROLECALL_BROWSER": BROWSER}
    done = home.rolecall("assume", "bearer", tty=True)
    assert done.status == 0, done
    who = home.aws("sts", "get-caller-identity", "--profile", "bearer-session")
    assert ":assumed-role/bearer/" in who.stdout
    # Its token is taken for nearly over: the next run refreshes it, without a terminal.
    [kept] = (home.path / ".local/state/rolecall/sign-ins").glob("*.json")
    said = json.loads(kept.read_text())
    assert said["subject"] == "ana"
    kept.write_text(json.dumps(said | {"expires_at": time.time() + 5}))
    done = home.rolecall("assume", "bearer", "--fresh", "--json")
    assert done.status == 0, done
    assert json.loads(kept.read_text())["refresh_token"] != said["refresh_token"]


def test_a_real_provider_by_device_code(company, home, node):
    of_node(company, home, node)
    home.env["ROLECALL_BROWSER"] = "none"
    terminal = home.terminal("rolecall", "assume", "bearer")
    screen = terminal.until("the code there is")
    url = next(line.strip() for line in screen.splitlines() if line.strip().startswith("http"))
    assert browser.visit(url, {"login": "ana", "password": "x"}) == 200
    assert terminal.wait(30) == 0
    assert "bearer-session" in home.credentials_file.read_text()
