import os

import pytest

from profiles.catalogue.catalogue import Catalogue
from profiles.catalogue.search import highlights
from profiles.errors import AmbiguousTarget, SourceLoop, UnknownTarget
from profiles.machine import Machine

ARN = "arn:aws:iam::123456789012:role"


@pytest.fixture
def catalogue(tmp_path):
    def made(config="", credentials="", settings=""):
        (tmp_path / ".aws").mkdir(exist_ok=True)
        (tmp_path / ".aws" / "config").write_text(config)
        (tmp_path / ".aws" / "credentials").write_text(credentials)
        (tmp_path / "config.toml").write_text(settings)
        env = {"ROLECALL_CONFIG": str(tmp_path / "config.toml")}
        return Catalogue.load(Machine(env=env, home=str(tmp_path)))

    return made


KEYS = "aws_access_key_id = AKIA\naws_secret_access_key = s\n"


@pytest.mark.parametrize(
    ("body", "kind", "source"),
    [
        (f"role_arn = {ARN}/x\nsource_profile = base", "role", "base"),
        (f"role_arn = {ARN}/x\ncredential_source = Environment", "role", "Environment"),
        (f"role_arn = {ARN}/x\ncredential_source = EcsContainer", "role", "EcsContainer"),
        (f"role_arn={ARN}/x\nweb_identity_token_file = /t", "web-identity", None),
        ("sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = R", "sso", "corp"),
        ("credential_process = /bin/x", "process", "p"),
        ("login_session = arn", "login", "p"),
        (KEYS, "session-token", "p"),
        (f"ROLE_ARN = {ARN}/x\nSource_Profile = base", "role", "base"),
        (f"  role_arn = {ARN}/x\n  source_profile = base", "role", "base"),
    ],
)
def test_the_kind_is_what_botocore_would_use(catalogue, body, kind, source):
    role = catalogue(f"[profile p]\n{body}\n[profile base]\nregion = x\n").resolve("p")
    assert (role.kind, role.source) == (kind, source)
    if kind in ("role", "sso"):
        assert role.account_id == "123456789012"


def test_a_profile_that_leads_nowhere_is_no_role(catalogue):
    assert not catalogue("[default]\nregion = eu-west-1\n[profile x]\noutput = json\n").roles


def test_roles_are_in_file_order_and_entries_come_last(catalogue):
    found = catalogue(
        f"[profile b]\nrole_arn = {ARN}/b\nsource_profile = base\n"
        f"[profile a]\nrole_arn = {ARN}/a\nsource_profile = base\n",
        f"[base]\n{KEYS}",
        f'[[roles]]\nname = "entry"\nrole_arn = "{ARN}/e"\nsource = "base"\n',
    )
    assert [role.name for role in found.roles] == ["b", "a", "base", "entry"]
    assert [role.origin for role in found.roles] == ["config", "config", "credentials", "settings"]


def test_what_rolecall_wrote_is_no_role(catalogue):
    found = catalogue("", f"[a-session]\n{KEYS}x_rolecall = a\n[base]\n{KEYS}")
    assert [role.name for role in found.roles] == ["base"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (f"role_arn = {ARN}/x", "source_profile or credential_source"),
        (f"role_arn = {ARN}/x\nsource_profile = a\ncredential_source = b", "both"),
        (f"role_arn = {ARN}/x\ncredential_source = Nowhere", "Nowhere"),
        (f"role_arn = {ARN}/x\ncredential_source = ecscontainer", "ecscontainer"),
        ("role_arn = arn:aws:iam::12:role/x\nsource_profile = base", "not the ARN of a role"),
        (f"role_arn = {ARN}/x\nsource_profile = gone", "gone"),
        (f"role_arn = {ARN}/x\nsource_profile = p", "circle"),
        ("aws_access_key_id = AKIA", "aws_secret_access_key is missing"),
        ("sso_session = corp\nsso_account_id = 1", "sso_role_name is missing"),
        ("sso_session = c\nsso_account_id = 123456789012\nsso_role_name = R", "no [sso-session c]"),
        (f"role_arn = {ARN}/x\nsource_profile = base\nrole_arn = {ARN}/y", "set twice"),
    ],
)
def test_a_role_that_cannot_be_used_says_why(catalogue, body, said):
    found = catalogue(f"[profile p]\n{body}\n", f"[base]\n{KEYS}")
    assert said in found.problem(found.resolve("p"))


def test_a_chain_is_named_from_its_origin(catalogue):
    found = catalogue(
        f"[profile one]\nrole_arn = {ARN}/one\nsource_profile = base\n"
        f"[profile two]\nrole_arn = {ARN}/two\nsource_profile = one\n",
        f"[base]\n{KEYS}",
    )
    two = found.resolve("two")
    assert found.chain(two) == ("base", "one", "two")
    assert [hop.kind for hop in found.hops(two)] == ["keys", "role", "role"]
    assert found.chain(found.resolve("base")) == ("base",)


def test_keys_in_a_source_profile_win_over_its_role(catalogue):
    found = catalogue(
        f"[profile one]\nrole_arn = {ARN}/one\nsource_profile = base\n"
        f"[profile two]\nrole_arn = {ARN}/two\nsource_profile = one\n",
        f"[base]\n{KEYS}[one]\n{KEYS}",
    )
    assert found.chain(found.resolve("two")) == ("one", "two")


def test_a_loop_is_drawn(catalogue):
    found = catalogue(
        f"[profile a]\nrole_arn = {ARN}/a\nsource_profile = b\n"
        f"[profile b]\nrole_arn = {ARN}/b\nsource_profile = c\n"
        f"[profile c]\nrole_arn = {ARN}/c\nsource_profile = b\n"
    )
    with pytest.raises(SourceLoop, match="a ─▸ b ─▸ c ─▸ b"):
        found.hops(found.resolve("a"))


def test_an_entry_may_be_named_like_the_profile_it_starts_from(catalogue):
    entry = f'[[roles]]\nname = "base"\nrole_arn = "{ARN}/x"\nsource = "base"\n'
    found = catalogue("", f"[base]\n{KEYS}", entry)
    assert [hop.kind for hop in found.hops(found.resolve("base"))] == ["keys", "role"]
    assert len(found.roles) == 1


def test_targets(catalogue):
    config = (
        f"[profile a]\nrole_arn = {ARN}/path/Admin\nsource_profile = base\n"
        f"[profile b]\nrole_arn = {ARN}/Reader\nsource_profile = base\n"
        f"[profile c]\nrole_arn = {ARN}/Reader\nsource_profile = base\n"
    )
    found = catalogue(config, "", '[accounts.123456789012]\nname = "pay"\n')
    assert found.resolve("a").name == "a"
    assert found.resolve("123456789012/Admin").name == "a"
    assert found.resolve("pay/Admin").name == "a"
    assert found.resolve(f"{ARN}/path/Admin").name == "a"
    bare = found.resolve("arn:aws-cn:iam::210987654321:role/x/New")
    assert (bare.name, bare.account_id) == ("New@210987654321", "210987654321")
    for unknown in ("d", "pay/Nobody", "arn:aws:iam::1:role/x", "arn:aws:s3:::bucket", "", "/"):
        with pytest.raises(UnknownTarget):
            found.resolve(unknown)
    for many in ("pay/Reader", f"{ARN}/Reader"):
        with pytest.raises(AmbiguousTarget, match="b, c"):
            found.resolve(many)


@pytest.mark.parametrize(
    ("globs", "stage"),
    [
        ('["*prod*"]', "x"),
        ('["*PROD*"]', "x"),
        ('["prod*"]', None),
        ('["pay-prod-*"]', "x"),
        ('["123456789012"]', "x"),
        ('["12345678901?"]', "x"),
        ('["12345"]', None),
        ('["*:role/Break*"]', "x"),
        ('["BreakGlass"]', "x"),
        ('["*dev*", "payments"]', "x"),
        ('["[q-z]ay*"]', None),
        ('["[a-z]ay-*"]', "x"),
        ('["*"]', "x"),
        ("[]", None),
    ],
)
def test_a_stage_is_found_by_glob(catalogue, globs, stage):
    found = catalogue(
        f"[profile pay-prod-admin]\nrole_arn = {ARN}/BreakGlass\nsource_profile = base\n",
        "",
        f"[stages.x]\nmatch = {globs}\n[accounts.123456789012]\nname = 'payments'\n",
    )
    got = found.stage(found.roles[0])
    assert (got.name if got else None) == stage


def test_an_accounts_own_stage_comes_first(catalogue):
    found = catalogue(
        f"[profile prod]\nrole_arn = {ARN}/x\nsource_profile = base\n",
        "",
        '[stages.production]\nmatch = ["*prod*"]\n[stages.staging]\n'
        '[accounts.123456789012]\nstage = "staging"\n',
    )
    assert found.stage(found.roles[0]).name == "staging"


@pytest.fixture
def many(catalogue):
    names = ["pay-prod-admin", "pay-prod-reader", "data-dev-pay", "reader", "Prod-Über"]
    return catalogue(
        "".join(
            f"[profile {name}]\nrole_arn = arn:aws:iam::{100000000000 + at}:role/R{at}\n"
            "source_profile = base\n"
            for at, name in enumerate(names)
        )
    )


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("pay", ["pay-prod-admin", "pay-prod-reader", "data-dev-pay"]),
        ("READER", ["reader", "pay-prod-reader"]),
        ("prod pay", ["pay-prod-admin", "pay-prod-reader"]),
        ("über", ["Prod-Über"]),
        ("100000000003", ["reader"]),
        ("production", ["pay-prod-admin", "pay-prod-reader", "Prod-Über"]),
        ("nothing", []),
        ("[a.*", []),
    ],
)
def test_every_word_has_to_match_and_the_best_come_first(many, query, names):
    assert [role.name for role in many.search(query)] == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("stage:production", ["pay-prod-admin", "pay-prod-reader", "Prod-Über"]),
        ("stage:prod reader", ["pay-prod-reader"]),
        ("stage:", ["pay-prod-admin", "pay-prod-reader", "Prod-Über"]),
        ("source:base role:r1", ["pay-prod-reader"]),
        ("account:100000000002", ["data-dev-pay"]),
        ("name:PAY", ["pay-prod-admin", "pay-prod-reader", "data-dev-pay"]),
        ("kind:sso", []),
        ("source:prod", []),
        ("stage", []),  # the word, which no role holds; a key is no part of what is searched
        ("live:", ["reader"]),
        ("live: pay", []),
        ("favourite:", ["pay-prod-reader", "data-dev-pay"]),
        ("favourite: stage:production", ["pay-prod-reader"]),
        ("expired:", []),
    ],
)
def test_a_key_narrows_a_word_to_its_field(many, query, names):
    states = {"live": {"reader"}, "favourite": ["data-dev-pay", "pay-prod-reader"]}
    assert [role.name for role in many.search(query, states)] == names


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("pay xyzzy", "no role holds 'xyzzy'"),
        ("stage:live", "no stage holds 'live': there is production"),
        ("kind:sso", "no kind holds 'sso': there is role"),
        (
            "stge:prod",
            "stge: is none of account: role: stage: source: kind: name: live: expiring: ",
        ),
        ("live: pay", "no role is live"),
        ("admin data", "each of it is found, but no role has it all"),
    ],
)
def test_what_finds_nothing_says_why(many, query, why):
    assert many.search(query) == []
    assert many.index.why_none(query).startswith(why)


def test_typing_on_and_back_finds_what_typing_at_once_does(many):
    typed = "p|pa|pay|pay |pay r|pay|p|reader|stage|stage:|stage:p|stage:pr r|s|source:b|source:"
    for query in typed.split("|"):
        fresh = many.index.__class__(
            many.roles.names, [many._searched(role) for role in many.roles]
        )
        assert many.index.search(query) == fresh.search(query), query


def test_what_is_live_is_looked_up_anew(many):
    assert many.search("live: r", {"live": ["reader"]})
    assert not many.search("live: re", {"live": []})
    assert many.search("live: rea", {"live": ["reader"]})


def test_highlights_do_not_overlap():
    assert highlights("pay-prod-admin", "prod pay") == [(0, 3), (4, 8)]
    assert highlights("prodprod", "prod rod") == [(0, 4)]
    assert highlights("ẞtraße", "x") == []
    assert highlights("pay-prod", "name:prod live:") == [(4, 8)]


# ---- reading again -----------------------------------------------------------------------


@pytest.fixture
def aws(tmp_path):
    """A home whose config file is old enough to be told from any other; both files by name."""
    folder = tmp_path / ".aws"
    folder.mkdir()

    def write(**files):
        for name, text in files.items():
            (folder / name).write_text(text)
        if "config" in files:
            os.utime(folder / "config", (1_700_000_000 + len(files["config"]),) * 2)
        return Machine(env={}, home=str(tmp_path))

    return write


def test_a_section_of_ours_leaves_the_roles_as_they_are(aws):
    config = f"[profile a]\nrole_arn = {ARN}/a\nsource_profile = base\n"
    machine = aws(config=config, credentials=f"[base]\n{KEYS}")
    first = Catalogue.load(machine)
    role, index = first.resolve("a"), first.index
    aws(credentials=f"[base]\n{KEYS}[a-session]\n{KEYS}x_rolecall = a\n")
    again = first.read_again(machine)
    assert again.roles is first.roles
    assert again.resolve("a") is role
    assert again.index is index
    assert "a-session" in again.files.profiles
    assert "a-session" not in first.files.profiles


@pytest.mark.parametrize(
    "changed",
    [
        {"credentials": f"[base]\n{KEYS}[other]\n{KEYS}"},
        {"credentials": f"[base]\n{KEYS}region = x\n"},
        {"credentials": f"[base2]\n{KEYS}"},
        {"config": f"[profile b]\nrole_arn = {ARN}/bb\nsource_profile = base\n"},
    ],
)
def test_any_other_change_is_read(aws, changed):
    config = f"[profile a]\nrole_arn = {ARN}/a\nsource_profile = base\n"
    machine = aws(config=config, credentials=f"[base]\n{KEYS}")
    first = Catalogue.load(machine)
    aws(**changed)
    again, anew = first.read_again(machine), Catalogue.load(machine)
    assert again.roles is not first.roles
    assert list(again.roles.names) == list(anew.roles.names)
    assert [role.region for role in again.roles] == [role.region for role in anew.roles]


def test_a_config_file_that_was_just_written_is_read_though_it_looks_the_same(aws):
    machine = aws(config=f"[profile a]\nrole_arn = {ARN}/a\nsource_profile = base\n")
    path = machine.config_file
    os.utime(path, (machine.now(),) * 2)
    stamp = os.stat(path)
    first = Catalogue.load(machine)
    with open(path, "r+") as file:  # the same file, as long as before
        file.write("[profile b]")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert [role.name for role in first.read_again(machine).roles] == ["b"]


def test_settings_are_read_again_too(aws, tmp_path):
    machine = aws(config=f"[profile a]\nrole_arn = {ARN}/a\nsource_profile = base\n")
    first = Catalogue.load(machine)
    (tmp_path / ".config" / "rolecall").mkdir(parents=True)
    (tmp_path / ".config" / "rolecall" / "config.toml").write_text('[stages.x]\nmatch = ["a"]\n')
    again = first.read_again(machine)
    assert again.stage(again.resolve("a")).name == "x"
    assert again.read_again(machine, ("EcsContainer",)).resolve("EcsContainer").origin == "machine"
