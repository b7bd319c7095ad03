"""SAML: responses of files, programs, pastes and a real identity provider lead to sessions."""

import json
import os
import shlex
import socket
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from profiles import errors
from profiles.challenges import Assertion, Choice, Confirmation, SignIn
from profiles.machine import Machine
from profiles.request import Request
from profiles.sources import saml
from profiles.switcher import Switcher
from tests.world import browser
from tests.world.cloud import MAIN, OTHER
from tests.world.company import allow
from tests.world.home import Home
from tests.world.saml import encoded, signed, signer, xml
from tests.world.strict import Strict

IDP = f"arn:aws:iam::{MAIN}:saml-provider/idp"
DEV = f"arn:aws:iam::{MAIN}:role/dev"
ADMIN = f"arn:aws:iam::{OTHER}:role/admin"
OTHER_IDP = IDP.replace(MAIN, OTHER)


@pytest.fixture(autouse=True)
def _here(home, strict, monkeypatch):
    """The SDK reads this process's own environment; nobody posted anything yet."""
    home.env["AWS_DEFAULT_REGION"] = "eu-west-1"
    for name in ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, home.env[name])
    strict.proofs.saml_providers = {IDP: signer().certificate, OTHER_IDP: signer().certificate}
    saml._lately.clear()


@pytest.fixture
def dev(company):
    """A role that its sessions can be told by."""
    company.role("admin", f"arn:aws:iam::{OTHER}:root", account=OTHER)
    return company.role("dev", f"arn:aws:iam::{MAIN}:root", may=allow("sts:*"), hours=2)


def response(*roles, **more):
    """A signed response, as base64."""
    by = more.pop("by", None)
    return encoded(signed(xml(*(roles or (f"{DEV},{IDP}",)), **more), by))


def entry(home, name="dev", **said):
    """A `[[roles]]` entry."""
    lines = [
        f"{key} = {json.dumps(value)}"
        for key, value in ({"name": name, "kind": "saml"} | said).items()
    ]
    before = home.settings_file.read_text() if home.settings_file.exists() else ""
    home.settings(before + "\n[[roles]]\n" + "\n".join(lines) + "\n")


def saved(home, text=None, name="response"):
    path = home.path / name
    path.write_text(response() if text is None else text)
    return str(path)


def switcher_of(home):
    return Switcher(Machine(env=home.env, home=str(home.path)))


def session(home, name="dev", ask=None, **request):
    def nobody_expected(challenge):
        raise AssertionError(challenge)

    switcher = switcher_of(home)
    role = switcher.catalogue.resolve(name)
    return switcher.session(role, Request(**request), ask=ask or nobody_expected)


def error_of(done):
    return json.loads(done.stderr)["error"]


# ---- the command line ----------------------------------------------------------------------


@pytest.mark.parametrize("form", ["base64", "xml"])
def test_a_response_in_a_file_gives_a_session(home, dev, strict, form):
    text = signed(xml(f"{dev},{IDP}"))
    path = saved(home, encoded(text) if form == "base64" else text)
    entry(home, role_arn=dev)
    done = home.rolecall("assume", "dev", "--saml-assertion", path, "--json")
    assert done.status == 0, done
    said = json.loads(done.stdout)
    assert (said["role_arn"], said["source"], said["from_cache"]) == (dev, None, False)
    sent = strict.last("AssumeRoleWithSAML")
    assert (sent["RoleArn"], sent["PrincipalArn"]) == (dev, IDP)
    assert sent["SAMLAssertion"] == encoded(text)
    assert "DurationSeconds" not in sent
    assert strict.calls[-1].access_key == ""
    who = home.aws("sts", "get-caller-identity", "--profile", "dev-session")
    assert ":assumed-role/dev/ana" in who.stdout
    assert "PD94" not in done.stdout + done.stderr
    assert home.rolecall("whoami", "dev").stdout.count(":assumed-role/dev/ana") == 1


def test_a_response_on_standard_input(home, dev):
    entry(home, role_arn=dev)
    done = home.rolecall("assume", "dev", "--saml-assertion", "-", input=response())
    assert done.status == 0, done


def test_a_bare_arn_with_a_response_and_its_renewal(home, dev, strict):
    path = saved(home)
    done = home.rolecall("assume", dev, "--saml-assertion", path, "--json")
    assert done.status == 0, done
    assert json.loads(done.stdout)["name"] == f"dev@{MAIN}"
    # What it came from is remembered: without a response, one is needed again.
    done = home.rolecall("renew", f"dev@{MAIN}", "--json")
    assert done.status == 3, done
    assert "--saml-assertion" in error_of(done)["hint"]
    done = home.rolecall("renew", f"dev@{MAIN}", "--saml-assertion", path)
    assert done.status == 0, done
    assert strict.count("AssumeRoleWithSAML") == 2


def test_a_role_profile_can_be_proven_by_a_response_instead(home, dev, strict):
    home.profile("usual", role_arn=dev, source_profile="gone", region="eu-west-1")
    done = home.rolecall("assume", "usual", "--saml-assertion", saved(home), "--duration", "30m")
    assert done.status == 0, done
    assert strict.last("AssumeRoleWithSAML")["DurationSeconds"] == "1800"
    assert strict.count("AssumeRole") == 0


def test_a_live_session_needs_no_response_and_is_not_asked_for_again(home, dev, strict):
    entry(home, role_arn=dev)
    assert home.rolecall("assume", "dev", "--saml-assertion", saved(home)).status == 0
    done = home.rolecall("assume", "dev", "--json")
    assert done.status == 0, done
    assert json.loads(done.stdout)["from_cache"]
    assert strict.count("AssumeRoleWithSAML") == 1
    listed = json.loads(home.rolecall("list", "--json").stdout)
    assert [(r["source"], r["problem"], r["chain"]) for r in listed] == [(None, None, ["dev"])]


def test_without_a_terminal_and_a_response_it_is_exit_3(home, strict):
    entry(home, role_arn=DEV)
    entry(home, "web", role_arn=DEV, saml_url="https://idp.test/aws")
    for name in ("dev", "web"):
        done = home.rolecall("exec", name, "--", "true")
        assert done.status == 3, done
    assert not strict.calls


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--saml-assertion", "/no/such/file"], "cannot read the SAML response /no/such/file"),
        (["--saml-assertion", "/"], "cannot read the SAML response /"),
        (["--saml-assertion", "/dev/null"], "empty"),
    ],
)
def test_a_file_that_is_none_is_a_usage_error(home, words, said):
    entry(home, role_arn=DEV)
    done = home.rolecall("assume", "dev", *words)
    assert done.status == 2
    assert said in done.stderr


@pytest.mark.parametrize(
    "words", [["--tag=a=b"], ["--session-name=x"], ["--source=base"], ["--external-id=x"]]
)
def test_what_the_call_does_not_take_is_refused(home, strict, words):
    entry(home, role_arn=DEV)
    done = home.rolecall("assume", "dev", "--saml-assertion", saved(home), *words)
    assert done.status == 2, done
    assert not strict.calls


def test_a_response_leads_to_nothing_but_roles(home, company):
    home.keys("base", company.user())
    done = home.rolecall("assume", "base", "--saml-assertion", saved(home))
    assert done.status == 2
    assert "a SAML response leads to a role" in done.stderr


# ---- a program -----------------------------------------------------------------------------


def test_a_program_prints_the_response(home, dev, strict):
    entry(home, role_arn=dev, saml_command=["cat", saved(home)])
    assert home.rolecall("assume", "dev").status == 0
    assert home.rolecall("assume", "dev").status == 0
    assert strict.count("AssumeRoleWithSAML") == 1


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'wrong password' >&2; exit 1", "wrong password"),
        ("true", "prints nothing"),
        ("echo hello, world", "neither XML nor base64"),
    ],
)
def test_a_program_that_gives_none(home, script, said):
    entry(home, role_arn=DEV, saml_command=["sh", "-c", script])
    done = home.rolecall("assume", "dev", "--json")
    assert done.status == 1, done
    assert error_of(done)["code"] == "config-unreadable"
    assert said in error_of(done)["summary"]


# ---- a paste -------------------------------------------------------------------------------


def test_a_long_response_is_pasted_in_a_terminal(home, dev, strict):
    """Terminals cut lines at 4,096 characters when they edit them."""
    entry(home, role_arn=dev)
    text = response(f"{dev},{IDP}", more=f"<!--{'x' * 20000}-->")
    terminal = home.terminal("rolecall", "assume", "dev")
    terminal.until("paste it here")
    for at in range(0, len(text), 2000):
        terminal.keys(text[at : at + 2000])
    terminal.keys("enter", "enter")
    assert terminal.wait(30) == 0, terminal.text
    assert strict.last("AssumeRoleWithSAML")["SAMLAssertion"] == text
    assert text[:60] not in terminal.text


def test_the_paste_names_where_the_response_is_to_be_had(home, dev):
    home.env["ROLECALL_BROWSER"] = "none"
    entry(home, role_arn=dev, saml_url="https://idp.test/aws")
    asked = []
    assert session(home, ask=lambda challenge: asked.append(challenge) or response())
    assert asked == [Assertion("dev", "https://idp.test/aws")]


# ---- which role ----------------------------------------------------------------------------


def test_an_entry_without_a_role_takes_the_only_one(home, dev):
    entry(home, saml_command=["cat", saved(home)])
    found = session(home)
    assert found.role_arn == dev
    again = session(home)
    assert again.from_cache
    assert again.role_arn == dev


def test_of_several_the_person_chooses_and_is_asked_once(home, dev, strict):
    home.settings(f'[accounts.{OTHER}]\nname = "payments"\n')
    text = response(f"{dev},{IDP}", f"{OTHER_IDP},{ADMIN}")
    entry(home, saml_command=["cat", saved(home, text)])
    asked = []

    def ask(challenge):
        asked.append(challenge)
        return challenge.options[0]

    found = session(home, ask=ask)
    [choice] = asked
    assert isinstance(choice, Choice)
    assert choice.options == (f"{MAIN} dev", f"payments ({OTHER}) admin")
    assert found.role_arn == dev
    assert session(home).from_cache
    session(home, ask=lambda challenge: challenge.options[1], fresh=True)
    sent = strict.last("AssumeRoleWithSAML")
    assert (sent["RoleArn"], sent["PrincipalArn"]) == (ADMIN, OTHER_IDP)


def test_one_role_by_two_providers_is_a_choice_too(home, dev):
    second = IDP + "2"
    text = response(f"{dev},{IDP}", f"{dev},{second}")
    path = saved(home, text)
    entry(home, role_arn=dev, saml_command=["cat", path])
    asked = []
    session(home, ask=lambda challenge: asked.append(challenge) or challenge.options[0])
    assert asked[0].options == (f"{dev} by {IDP}", f"{dev} by {second}")
    entry(home, "named", role_arn=dev, principal_arn=IDP, saml_command=["cat", path])
    assert session(home, "named").identity


def test_a_role_that_is_not_offered_names_those_that_are(home, strict):
    entry(home, role_arn=ADMIN, saml_command=["cat", saved(home)])
    done = home.rolecall("assume", "dev", "--json")
    assert done.status == 1
    error = error_of(done)
    assert error["code"] == "access-denied"
    assert ADMIN in error["summary"]
    assert DEV in error["hint"]
    assert not strict.calls


def test_a_chosen_role_meets_the_guard_of_its_stage(home, dev):
    home.settings(f'[stages.live]\nmatch = ["{MAIN}"]\nconfirm = "ask"\nmax_duration = "30m"\n')
    entry(home, saml_command=["cat", saved(home, response(duration=7200))])
    asked = []

    def ask(challenge):
        asked.append(challenge)
        return "yes"

    session(home, ask=ask)
    assert [type(each) for each in asked] == [Confirmation]
    assert session(home, ask=ask).from_cache
    assert [type(each) for each in asked] == [Confirmation] * 2
    with pytest.raises(AssertionError):
        session(home)


def test_a_stage_bounds_what_the_response_would_give(home, dev, strict):
    home.settings('[stages.any]\nmatch = ["*"]\nmax_duration = "90m"\n')
    entry(home, role_arn=dev, saml_command=["cat", saved(home, response(duration=7200))])
    session(home)
    assert strict.last("AssumeRoleWithSAML")["DurationSeconds"] == "5400"


def test_an_encrypted_response_wants_both_arns(home, strict):
    text = xml(f"{DEV},{IDP}")
    start, end = text.index("<saml:Assertion"), text.index("</samlp:Response>")
    hidden = '<EncryptedAssertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/>'
    path = saved(home, text[:start] + hidden + text[end:])
    entry(home, role_arn=DEV, saml_command=["cat", path])
    with pytest.raises(errors.UsageError, match="encrypted"):
        session(home)
    entry(home, "both", role_arn=DEV, principal_arn=IDP, saml_command=["cat", path])
    with pytest.raises(errors.AccessDenied, match="signature"):  # it goes to AWS
        session(home, "both")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"role_arn": "arn:x"}, "not the ARN of a role"),
        ({"role_arn": DEV, "principal_arn": "idp"}, "not the ARN of a SAML provider"),
        ({"saml_command": ["x"], "saml_url": "https://x"}, "both saml_command and saml_url"),
        ({"role_arn": DEV, "source": "base"}, "has no source"),
        ({"role_arn": DEV, "port": 0}, "port could not be read"),
    ],
)
def test_an_entry_that_cannot_work_says_why_in_the_list(home, settings, problem):
    entry(home, **settings)
    [role] = json.loads(home.rolecall("list", "--json").stdout)
    assert problem in role["problem"]


# ---- AWS's side ----------------------------------------------------------------------------


def test_what_aws_does_not_take_is_explained(home, dev, strict):
    entry(home, role_arn=dev)

    def refused(text):
        path = saved(home, text)
        done = home.rolecall("assume", "dev", "--fresh", "--saml-assertion", path, "--json")
        return done.status, error_of(done)

    status, error = refused(response(by=signer("somebody else")))
    assert (status, error["code"]) == (1, "access-denied")
    assert "metadata" in error["hint"]
    status, error = refused(response(name=None))
    assert "RoleSessionName" in error["summary"]
    status, error = refused(response(end=-5))  # within rolecall's tolerance, not AWS's
    assert (status, error["code"]) == (3, "login-required")
    assert "5 minutes" in error["summary"]
    status, error = refused(response(end=-900))
    assert (status, error["code"]) == (3, "login-required")
    status, error = refused(response(audience="https://app.test"))
    assert (status, error["code"]) == (1, "access-denied")
    strict.proofs.saml_providers = {IDP + "2": signer().certificate}
    status, error = refused(response())
    assert "principal_arn" in error["hint"]
    strict.proofs.saml_providers = {}
    strict.fail("IDPRejectedClaim", 403, "The identity provider (IdP) reported that auth failed")
    assert refused(response())[1]["code"] == "login-required"
    strict.fail("PackedPolicyTooLarge", 400, "Packed size of session tags consumes 120%")
    assert refused(response())[1]["code"] == "usage"
    strict.fail("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML")
    assert "trust policy" in refused(response())[1]["summary"]


def test_a_role_behind_a_saml_role_lasts_an_hour(home, dev, company, strict):
    entry(home, role_arn=dev, saml_command=["cat", saved(home)])
    behind = company.role("behind", dev)
    entry(home, "behind", kind="role", role_arn=behind, source="dev")
    switcher = switcher_of(home)
    role = switcher.catalogue.resolve("behind")
    assert [hop.kind for hop in switcher.catalogue.hops(role)] == ["saml", "role"]
    with pytest.raises(errors.RoleChainTooLong):
        switcher.session(role, Request(duration=7200))
    assert not strict.calls
    # The response goes to the hop that wants one, and the role behind is assumed with its session.
    assert switcher.session(role, Request(saml_assertion=response())).identity.endswith("/ana")
    assert [call.action for call in strict.calls] == ["AssumeRoleWithSAML", "AssumeRole"]
    assert strict.calls[1].access_key.startswith("ASIA")


# ---- a real identity provider --------------------------------------------------------------


def idp(node, port, *roles):
    url = node.start(
        "saml-idp.mjs",
        env={
            "PATH": os.environ["PATH"],
            "KEY": signer().key,
            "CERT": signer().certificate,
            "ACS": f"http://localhost:{port}/saml",
            "ROLES": "|".join(roles),
        },
    )
    words = [sys.executable, browser.__file__, "{url}", "username=ana", "password=secret"]
    return url, shlex.join(words)


def test_a_real_provider_posts_to_this_machine(home, dev, node, port, strict):
    url, command = idp(node, port, f"{dev},{IDP}")
    home.env["ROLECALL_BROWSER"] = command
    entry(home, role_arn=dev, saml_url=url, port=port)
    done = home.rolecall("assume", "dev", "--json", tty=True)
    assert done.status == 0, done
    assert strict.last("AssumeRoleWithSAML")["PrincipalArn"] == IDP
    who = home.aws("sts", "get-caller-identity", "--profile", "dev-session")
    assert ":assumed-role/dev/ana" in who.stdout


def test_another_emulator_takes_the_real_response_too(moto, node, port, tmp_path):
    with Strict(moto.url) as gateway, moto.seeding():  # unsigned calls fail while it enforces
        home = Home(tmp_path / "other", gateway.url)
        url, command = idp(node, port, f"{DEV},{IDP}")
        home.env |= {"ROLECALL_BROWSER": command, "AWS_DEFAULT_REGION": "eu-west-1"}
        entry(home, role_arn=DEV, saml_url=url, port=port)
        done = home.rolecall("assume", "dev", "--json", tty=True)
        assert done.status == 0, done
        who = home.aws("sts", "get-caller-identity", "--profile", "dev-session")
        home.close()
    assert ":assumed-role/dev/ana" in who.stdout


def test_one_post_serves_all_roles_of_it(home, dev, node, port, company):
    url, command = idp(node, port, f"{dev},{IDP}")
    log = home.path / "opened"
    script = f"echo x >> {log}; exec " + command.replace("'{url}'", '"$0"')
    home.env["ROLECALL_BROWSER"] = shlex.join(["sh", "-c", script, "{url}"])
    for name in ("a", "bb", "ccc"):
        # Of another length each, so that each is a session of its own.
        entry(home, name, role_arn=dev, saml_url=url, port=port, duration=f"{15 + len(name)}m")
    got = []
    threads = [
        threading.Thread(target=lambda n=name: got.append(session(home, n, ask=lambda _: "")))
        for name in ("a", "bb", "ccc")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(got) == 3
    assert log.read_text() == "x\n"


def test_a_wrong_password_can_be_put_right(home, dev, node, port):
    """The provider says no and posts nothing; the wait goes on, and ctrl+c ends it."""
    url, command = idp(node, port, f"{dev},{IDP}")
    home.env["ROLECALL_BROWSER"] = command.replace("secret", "wrong")
    entry(home, role_arn=dev, saml_url=url, port=port)
    terminal = home.terminal("rolecall", "assume", "dev")
    terminal.until("sign in to 127.0.0.1")
    assert browser.visit(url, {"username": "ana", "password": "secret"}) == 200
    assert terminal.wait() == 0


def test_ctrl_c_ends_the_wait_for_a_post(home, dev, port):
    home.env["ROLECALL_BROWSER"] = "true"
    entry(home, role_arn=dev, saml_url="http://127.0.0.1:9/sso", port=port)
    terminal = home.terminal("rolecall", "assume", "dev")
    terminal.until("sign in to 127.0.0.1:9")
    terminal.keys("ctrl+c")
    assert terminal.wait() == 130


def post(port, fields, host=None):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/saml", urllib.parse.urlencode(fields).encode()
    )
    if host:
        request.add_header("Host", host)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_what_others_post_meanwhile_is_turned_away(home, dev, port):
    home.env["ROLECALL_BROWSER"] = "true"
    entry(home, role_arn=dev, saml_url="http://127.0.0.1:9/sso", port=port)
    answers = []

    def ask(challenge):
        assert isinstance(challenge, SignIn)

        def others():
            answers.append(post(port, {"x": "y"}))
            answers.append(post(port, {"SAMLResponse": "x"}, host="evil.test"))
            answers.append(post(port, {"SAMLResponse": response()}))

        threading.Thread(target=others).start()
        return ""

    assert session(home, ask=ask).role_arn == dev
    assert answers == [400, 404, 200]


def test_a_post_that_is_no_use_is_not_kept(home, dev, port):
    home.env["ROLECALL_BROWSER"] = "true"
    entry(home, role_arn=dev, saml_url="http://127.0.0.1:9/sso", port=port)
    posts = iter([response(ADMIN + "," + IDP), response()])

    def ask(challenge):
        threading.Thread(target=post, args=(port, {"SAMLResponse": next(posts)})).start()
        return ""

    with pytest.raises(errors.AccessDenied):
        session(home, ask=ask)
    assert session(home, ask=ask).role_arn == dev


def test_a_port_that_is_taken_is_said(home, dev):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        home.env["ROLECALL_BROWSER"] = "true"
        number = taken.getsockname()[1]
        entry(home, role_arn=dev, saml_url="http://127.0.0.1:9/sso", port=number)
        with pytest.raises(errors.NetworkUnavailable, match=f"127.0.0.1:{number}"):
            session(home, ask=lambda _: "")


def test_nobody_who_posts_in_time_is_an_error(home, dev, port, monkeypatch):
    monkeypatch.setattr(saml, "PATIENCE", 0.2)
    home.env["ROLECALL_BROWSER"] = "true"
    entry(home, role_arn=dev, saml_url="http://127.0.0.1:9/sso", port=port)
    began = time.monotonic()
    with pytest.raises(errors.LoginRequired, match="in time"):
        session(home, ask=lambda _: "")
    assert time.monotonic() - began < 30
