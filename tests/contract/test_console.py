"""`rolecall console` on a federation endpoint that checks what AWS checks."""

import json
import sys
import urllib.request
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from profiles.browser import open_url
from profiles.destinations.console import Console
from profiles.destinations.console_page import after_logout, login_url, page
from profiles.destinations.console_services import GLOBAL, SERVICES
from profiles.errors import SourceUnsupported, UsageError
from profiles.machine import Machine
from profiles.session import Credentials, Session
from profiles.settings import load_settings
from tests.world.company import allow
from tests.world.console import AwsConsole

BROWSER = str(Path(__file__).parents[1] / "world" / "browser.py")


@pytest.fixture
def ana(company, home):
    user = company.user("ana")
    home.keys("base", user)
    return user


@pytest.fixture
def reader(company, home, ana):
    """A role profile that ana may assume."""
    arn = company.role("reader", ana.arn, may=[allow("s3:*"), allow("sts:AssumeRole")], hours=12)
    home.profile("reader", role_arn=arn, source_profile="base", region="eu-west-1")
    return arn


@pytest.fixture
def browser(home):
    """A real browser without a screen, which leaves the words it was started with."""
    seen = home.path / "started-with"
    script = home.path / "bin" / "browser"
    script.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > {seen}\nexec "{sys.executable}" {BROWSER} "$1"\n'
    )
    script.chmod(0o755)
    home.settings('browser = ["browser", "{url}", "{account}", "{account_id}", "{role}"]\n')
    return lambda: seen.read_text().splitlines()


def link(home, *words, **how):
    done = home.rolecall("console", *words, "--print", **how)
    assert done.status == 0, done
    assert done.stdout.count("\n") == 1
    return done.stdout.strip()


def visit(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


# ---- the link -----------------------------------------------------------------------------


def test_the_printed_link_opens_the_console_as_the_role(home, reader, aws_console):
    url = link(home, "reader", "--service", "s3")
    visit(url)
    [(arn, destination)] = aws_console.visits
    assert ":assumed-role/reader/" in arn
    assert destination == "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1"


def test_the_session_is_posted_and_in_no_address(home, reader, aws_console):
    url = link(home, "reader")
    assert [asked["method"] for asked in aws_console.asked] == ["POST"]
    assert "SessionDuration" not in aws_console.asked[0]
    session = json.loads(aws_console.asked[0]["Session"])
    assert session["sessionKey"] not in url
    assert session["sessionToken"] not in url


def test_an_endpoint_that_takes_no_post_is_asked_as_the_documentation_has_it(
    home, reader, aws_console
):
    aws_console.posts = False
    visit(link(home, "reader"))
    assert len(aws_console.visits) == 1
    assert aws_console.asked[0]["method"] == "GET"


def test_a_duration_lasts_beyond_what_is_left_of_the_session(home, reader, aws_console):
    link(home, "reader", "--duration", "8h")
    assert aws_console.asked[0]["SessionDuration"] == str(8 * 3600)


def test_no_duration_is_asked_for_a_chained_role(company, home, reader, aws_console):
    inner = company.role("inner", reader)
    home.profile("inner", role_arn=inner, source_profile="reader")
    visit(link(home, "inner", "--duration", "30m"))
    assert "SessionDuration" not in aws_console.asked[0]
    assert ":assumed-role/inner/" in aws_console.visits[0][0]


def test_a_duration_that_aws_does_not_take_is_left_out(home, reader, aws_console):
    aws_console.chained.add("reader")
    visit(link(home, "reader", "--duration", "2h"))
    assert [("SessionDuration" in asked) for asked in aws_console.asked] == [True, False]
    assert len(aws_console.visits) == 1


def test_logout_first_ends_the_session_of_before_and_leads_on(home, reader, aws_console):
    url = link(home, "reader", "--logout-first")
    assert urlsplit(url).path == "/oauth"
    visit(url)
    assert aws_console.logouts == 1
    assert len(aws_console.visits) == 1


def test_json_holds_the_link(home, reader, aws_console):
    done = home.rolecall("console", "reader", "--json")
    visit(json.loads(done.stdout)["url"])
    assert len(aws_console.visits) == 1


# ---- what cannot be, and what goes wrong --------------------------------------------------


def refused(home, *words):
    done = home.rolecall("console", *words, "--print", "--json")
    assert done.status != 0, done
    assert done.stdout == ""
    return json.loads(done.stderr)["error"]


def test_long_lived_keys_are_explained_before_any_call(home, ana, strict, aws_console):
    home.settings('[[roles]]\nname = "mine"\nkind = "session-token"\nsource = "base"\n')
    home.profile("static", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x")
    for name in ("base", "mine", "static"):
        error = refused(home, name)
        assert error["code"] == "source-unsupported"
        assert "session token of a user" in error["summary"]
    assert not strict.calls
    assert not aws_console.asked


def test_a_cached_session_that_is_not_taken_is_replaced_once(home, reader, strict, aws_console):
    home.rolecall("assume", "reader")
    aws_console.refusals = 1
    visit(link(home, "reader"))
    assert strict.count("AssumeRole") == 2
    assert len(aws_console.visits) == 1


def test_a_new_session_that_is_not_taken_is_an_error(home, reader, strict, aws_console):
    aws_console.refusals = 5
    error = refused(home, "reader")
    assert error["code"] == "access-denied"
    assert strict.count("AssumeRole") == 1
    assert len(aws_console.asked) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((200, "<html>Log in to this network</html>"), "network-unavailable"),
        ((200, '{"SigninToken": 7}'), "network-unavailable"),
        ((200, '["SigninToken"]'), "network-unavailable"),
        ((302, ""), "network-unavailable"),
        ((503, "{}"), "network-unavailable"),
        ((429, "{}"), "throttled"),
    ],
)
def test_garbage_for_a_token_is_one_clear_line(home, reader, aws_console, answer, code):
    aws_console.answer = answer
    assert refused(home, "reader")["code"] == code


def test_an_endpoint_that_is_gone_is_said(home, reader, aws_console):
    aws_console.close()
    error = refused(home, "reader")
    assert error["code"] == "network-unavailable"
    assert "127.0.0.1" in error["summary"]


def test_an_unknown_service_names_the_nearest(home, reader, strict, aws_console):
    error = refused(home, "reader", "--service", "lamda")
    assert error["code"] == "usage"
    assert "lambda" in error["summary"]
    assert not strict.calls


def test_the_guard_stands_before_it(home, reader, strict, aws_console):
    home.settings('[stages.production]\nmatch = ["reader"]\nconfirm = "ask"\n')
    assert refused(home, "reader")["code"] == "confirmation-needed"
    assert not strict.calls
    aws_console.refusals = 1
    home.rolecall("assume", "reader", "--yes")
    visit(link(home, "reader", "--yes"))


def test_no_secret_is_logged(home, reader, aws_console):
    done = home.rolecall("console", "reader", "--print", "-vv")
    session = json.loads(aws_console.asked[0]["Session"])
    token = dict(parse_qsl(urlsplit(done.stdout.strip()).query))["SigninToken"]
    for secret in (token, session["sessionKey"], session["sessionToken"]):
        assert secret not in done.stderr


# ---- the browser --------------------------------------------------------------------------


def test_the_browser_gets_the_link_and_the_list_of_processes_does_not(
    home, reader, browser, aws_console
):
    done = home.rolecall("console", "reader")
    assert done.status == 0, done
    assert done.stdout == ""
    [(arn, _)] = aws_console.visits
    assert ":assumed-role/reader/" in arn
    started = browser()
    assert started[0].startswith("http://127.0.0.1:")
    assert started[1:] == ["123456789012", "123456789012", "reader"]
    with pytest.raises(OSError, match="refused"):
        visit(started[0])


def test_print_opens_no_browser(home, reader, browser, aws_console):
    link(home, "reader")
    with pytest.raises(FileNotFoundError):
        browser()


def test_without_a_browser_the_link_is_offered_and_not_shown(home, reader, aws_console):
    done = home.rolecall("console", "reader")
    assert done.status == 2
    assert done.stdout == ""
    assert "console reader --print" in done.stderr
    home.settings('browser = "none"\n')
    visit(home.rolecall("console", "reader").stdout.strip())
    assert len(aws_console.visits) == 1


def started_with(tmp_path, setting, **names):
    """What `open_url` starts for a setting."""
    (tmp_path / "config.toml").write_text(f"browser = {json.dumps(setting)}\n")
    argvs = []
    machine = Machine(
        {"ROLECALL_CONFIG": str(tmp_path / "config.toml")},
        str(tmp_path),
        start=lambda argv, _: bool(argvs.append(argv)) or True,
    )
    assert open_url(machine, load_settings(machine), "https://x.test/?a=1&b=2", names)
    return argvs[0]


def test_containers_and_profiles_get_their_names(tmp_path):
    container = ["firefox", "ext+container:name={account}&url={url}"]
    assert started_with(tmp_path, container, account="pay & prod")[1] == (
        "ext+container:name=pay%20-%20prod&url=https%3A%2F%2Fx.test%2F%3Fa%3D1%26b%3D2"
    )
    chrome = ["chrome", "--user-data-dir=/p/{account_id}-{role}", "{url}"]
    assert started_with(tmp_path, chrome, account_id="123456789012", role="../../x") == [
        "chrome",
        "--user-data-dir=/p/123456789012-x",
        "https://x.test/?a=1&b=2",
    ]
    assert started_with(tmp_path, ["b", "--profile={account}"], account="--x") == [
        "b",
        "--profile=x",
        "https://x.test/?a=1&b=2",
    ]


# ---- permission sets ----------------------------------------------------------------------


def test_a_permission_set_opens_through_its_portal_and_asks_nothing(lonely_home, tmp_path):
    home = lonely_home
    home.config(
        "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start/#\n"
        "sso_region = eu-west-1\n\n[profile admin]\nsso_session = corp\n"
        "sso_account_id = 123456789012\nsso_role_name = Power User\nregion = eu-west-1\n"
    )
    url = link(home, "admin", "--service", "iam")
    assert url == (
        "https://corp.awsapps.com/start/#/console?account_id=123456789012&role_name=Power%20User"
        "&destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fiam%2Fhome%3Fregion%3Deu-west-1"
    )
    assert refused(home, "admin", "--duration", "2h")["code"] == "usage"


# ---- addresses ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("partition", "region", "wanted"),
    [
        ("aws", None, "https://console.aws.amazon.com/ec2/home"),
        (
            "aws-cn",
            "cn-north-1",
            "https://cn-north-1.console.amazonaws.cn/ec2/home?region=cn-north-1",
        ),
        (
            "aws-us-gov",
            "us-gov-west-1",
            "https://us-gov-west-1.console.amazonaws-us-gov.com/ec2/home?region=us-gov-west-1",
        ),
        ("aws-us-gov", "us-east-1", "https://console.amazonaws-us-gov.com/ec2/home"),
    ],
)
def test_a_page_is_at_its_partitions_address(partition, region, wanted):
    assert page(partition, region, "ec2") == wanted


def test_a_region_of_another_partition_is_an_error_where_it_was_asked_for():
    with pytest.raises(UsageError, match="no region of"):
        page("aws-cn", "eu-west-1", None, asked=True)


@pytest.mark.parametrize("partition", ["aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"])
def test_an_isolated_partition_is_explained(partition):
    with pytest.raises(SourceUnsupported, match=partition):
        page(partition, None, None)


def test_a_fragment_stands_behind_the_region():
    assert page("aws", "eu-west-1", "elb") == (
        "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#LoadBalancers:"
    )


def test_services_are_names_that_one_types():
    assert set(SERVICES) >= GLOBAL
    assert all(name.isalnum() and name.islower() for name in SERVICES)
    assert not [path for path in SERVICES.values() if path.startswith("/") or " " in path]


@pytest.mark.parametrize(
    ("partition", "signin", "logout"),
    [
        ("aws", "signin.aws.amazon.com", "us-east-1.signin.aws.amazon.com"),
        ("aws-cn", "signin.amazonaws.cn", "signin.amazonaws.cn"),
        ("aws-us-gov", "signin.amazonaws-us-gov.com", "signin.amazonaws-us-gov.com"),
    ],
)
def test_logging_out_first_leads_on_at_the_same_address(partition, signin, logout):
    found = after_logout(login_url(f"https://{signin}/federation", "https://d", "t"), partition, {})
    parts = urlsplit(found)
    assert (parts.netloc, parts.path) == (logout, "/oauth")
    then = urlsplit(dict(parse_qsl(parts.query))["redirect_uri"])
    assert (then.netloc, then.path) == (logout, "/federation")
    assert dict(parse_qsl(then.query))["SigninToken"] == "t"


def test_a_link_does_not_show_by_accident():
    from profiles.console_link import Link

    assert "secret-token" not in repr(Link("https://x/?SigninToken=secret-token", secret=True))


def test_as_a_destination_it_shows_nothing_of_the_session():
    """What every destination promises; its text is the link, with the token alone."""
    keys = Credentials("ASIAEXAMPLE000000000", "wJalrSECRET", "IQoJTOKEN")
    session = Session("pay prod", keys, None)
    console = AwsConsole()
    try:
        machine = Machine({"ROLECALL_FEDERATION_ENDPOINT": console.url}, "/nowhere")
        delivery = Console(machine, "aws", "https://console.aws.amazon.com/").deliver(session)
    finally:
        console.close()
    assert (delivery.where, delivery.status) == ("the console", 0)
    for secret in ("ASIAEXAMPLE", "wJalrSECRET", "IQoJTOKEN"):
        assert secret not in delivery.text


def test_a_federated_users_console_asks_for_no_duration(company, home, strict, aws_console):
    user = company.user("bo", allow("sts:*"), allow("s3:*"))
    home.keys("bo", user)
    home.settings(
        '[[roles]]\nname = "fed"\nkind = "federation-token"\nsource = "bo"\n'
        'policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]\n'
    )
    visit(link(home, "fed", "--duration", "2h"))
    assert "SessionDuration" not in aws_console.asked[0]
    assert ":federated-user/" in aws_console.visits[0][0]
