"""Where botocore reads a file, the reader says the same; where it refuses, a problem says so."""

from __future__ import annotations

import os

import botocore.configloader
import pytest
from botocore.exceptions import ConfigParseError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from profiles.files.reader import read_aws_files
from profiles.machine import Machine

ODD = {
    "empty": "",
    "one profile": "[profile a]\nregion = eu-west-1\n",
    "default": "[default]\nregion=x\n[profile b]\noutput : json\n",
    "profile default after default": "[default]\nregion=x\n[profile default]\nregion=y\n",
    "default after profile default": "[profile default]\nregion=y\n[default]\nregion=x\n",
    "two spellings of a name": '[profile a]\nregion=x\n[profile "a"]\noutput=y\n',
    "quoted name": '[profile "a b"]\nregion=x\n',
    "single quotes": "[profile 'a b']\nregion=x\n",
    "half quoted": '[profile a" b"c]\nregion=x\n',
    "unclosed quote": '[profile "a b]\nregion=x\n',
    "escaped space": "[profile a\\ b]\nregion=x\n",
    "three words": "[profile a b]\nregion=x\n",
    "no name": "[profile]\nregion=x\n[profile ]\noutput=y\n",
    "empty quoted name": '[profile ""]\nregion=x\n',
    "two spaces": "[profile  a]\nregion=x\n",
    "tab": "[profile\ta]\nregion=x\n",
    "glued prefix": "[profiles a]\nregion=x\n[profile-x b]\nregion=y\n",
    "non-breaking space": "[profile\u00a0a]\nregion=x\n[profile b\u00a0c]\nregion=y\n",
    "sso session": "[sso-session corp]\nsso_region=x\n[sso-session 'a b']\nsso_region=y\n",
    "services": "[services s]\ns3 =\n  endpoint_url = http://x\n  a=b\nec2 =\n  endpoint_url=y\n",
    "others": "[preview]\ncloudfront=true\n[plugins]\nx=y\n",
    "bracket in name": "[a]b]\nx=y\n[profile a]b]\nx=z\n",
    "comment after header": "[profile a] # comment\nx=y\n[profile b] ; [c]\nx=z\n",
    "space after header": "[profile a]  \nx=y\n[profile b]\t\nx=z\n",
    "indented header": "[profile a]\nx=y\n [profile b]\nx=z\n",
    "indented header without settings before": "[profile a]\n [profile b]\nx=z\n",
    "indented first header": "   [profile a]\n   x=y\n   z=w\n",
    "indented header after indented setting": "[profile a]\n  x=y\n  [profile b]\n  x=z\n",
    "bracket in value": "[profile a]\nx=[y]\nz=\n  [profile b]\nw=1\n",
    "setting that starts with a bracket": "[profile a]\nx=y\n[b = c\nz=w\n",
    "bracket setting after bare header": "[profile a]\n[b: c\n",
    "header at the end": "[profile a]\nx=y\n[profile b]",
    "headers alone": "[profile a]\n[profile b]\n\n\n[profile c]",
    "continuation": "[profile a]\nx = 1\n  2\n\n  3\n\ny=4\n",
    "continuation with comment": "[profile a]\nx = 1\n  2\n# c\n  ; d\n  3\n",
    "nested": "[profile a]\ns3 =\n  Max = 1\n  b=c=d\n\n  e = f\nx=y\n",
    "nested with line of other space": "[profile a]\ns3 =\n  a = 1\x0b b = 2\n",
    "nested with a colon": "[profile a]\ns3 =\n  a : 1\n",
    "all indented": "[profile a]\n  x=1\n  y=2\n z=3\n   w=4\n",
    "tabs": "[profile a]\n\tx=1\n\ty=2\n",
    "form feed line": "[profile a]\nx=1\n\x0c\ny=2\n",
    "form feed indent": "[profile a]\nx=1\n\x0cy=2\n",
    "non-breaking indent": "[profile a]\nx=1\n\u00a0y=2\n",
    "next line char": "[profile a]\nx=1\u0085y=2\nz=\u20283\n",
    "file separator": "[profile a]\nx=1\n\x1cy=2\nz=3\x1c\n",
    "colon before equals": "[profile a]\nrole:arn = x\nb=c:d\n",
    "spaces around": "[profile a]\n x y  =  z  \n",
    "upper case keys": "[profile a]\nRegion=X\nROLE_ARN=y\n",
    "odd case": "[profile a]\n\u0130=x\nstra\u00dfe=y\n",
    "key twice by case": "[profile a]\nRegion=X\nregion=y\n",
    "key twice": "[profile a]\nx=1\nx=2\n",
    "section twice": "[profile a]\nx=1\n[profile b]\n[profile a]\ny=2\n",
    "section twice, odd head": "[profile a]\nx=1\n[profile a] \ny=2\n",
    "no delimiter": "[profile a]\nx=1\nwhat\ny=2\n",
    "no delimiter then indented": "[profile a]\nx=1\nwhat\n  more\n",
    "no name of a setting": "[profile a]\n= x\ny=2\n",
    "no closing bracket": "[profile a]\nx=1\n[profile b\ny=2\n",
    "empty header": "[profile a]\nx=1\n[]\ny=2\n",
    "stray text": "x=1\n[profile a]\ny=2\n",
    "stray bracket setting": "[b = c\n[profile a]\ny=2\n",
    "comments first": "# c\n; d\n\n[profile a]\ny=2\n",
    "comment with bracket": "# [profile z]\n[profile a]\n#[b]\ny=2\n  # [c]\n",
    "crlf": "[profile a]\r\nx=1\r\n  2\r\n\r\n[profile b]\r\ny=2\r\n",
    "lone cr": "[profile a]\rx=1\r[profile b]\ry=2",
    "mixed ends": "[profile a]\rx=1\r\n[profile b]\ny=2\n\r\n",
    "byte-order mark": "\ufeff[profile a]\nx=1\n",
    "DEFAULT": "[DEFAULT]\nregion=d\nx=1\n[profile a]\nx=2\n[profile b]\n",
    "DEFAULT last": "[profile a]\nx=2\n[DEFAULT]\nregion=d\nx=1\n",
    "DEFAULT twice": "[DEFAULT]\nregion=d\n[profile a]\n[DEFAULT]\nx=1\n",
    "percent": "[profile a]\nx=%(y)s %d $HOME\n",
    "empty value": "[profile a]\nx=\ny =   \nz=1\n",
    "value of equals": "[profile a]\nx===\ny=:=\n",
    "inline comment": "[profile a]\nx=1 # no comment\ny=2 ; nor this\n",
    "emoji": "[profile \U0001f600]\nx=\u00e9\n",
    "profile word in credentials": "[profile x]\naws_access_key_id=a\n[x]\naws_access_key_id=b\n",
}


def botocore_reads(path):
    """What botocore makes of both files; None where it refuses one (`Session.full_config`)."""
    try:
        config = botocore.configloader.load_config(path)
        credentials = botocore.configloader.raw_config_parse(path)
    except ConfigParseError:
        return None
    profiles = config["profiles"]
    for name, values in credentials.items():
        profiles.setdefault(name, {}).update(values)
    return profiles, config["sso_sessions"], config["services"]


def check_alike(folder, data):
    path = os.path.join(folder, "file")
    with open(path, "wb") as file:
        file.write(data)
    machine = Machine(
        env={"AWS_CONFIG_FILE": path, "AWS_SHARED_CREDENTIALS_FILE": path}, home=str(folder)
    )
    files = read_aws_files(machine)
    for each in (*files.profiles.values(), *files.sso_sessions.values()):
        assert each.settings is not None
    refused = [str(p) for p in files.check() if "refuses" in p.reason]
    expected = botocore_reads(path)
    if expected is None:
        assert refused
        return
    assert not refused
    profiles, sso_sessions, services = expected
    found = {name: dict(profile.settings) for name, profile in files.profiles.items()}
    assert found == profiles
    assert list(found) == list(profiles)
    assert {name: each.settings for name, each in files.sso_sessions.items()} == sso_sessions
    assert {name: each.settings for name, each in files.services.items()} == services


@pytest.mark.parametrize("name", ODD)
def test_odd_file(tmp_path, name):
    check_alike(tmp_path, ODD[name].encode())


@pytest.mark.parametrize("name", ODD)
def test_odd_file_among_others(tmp_path, name):
    around = "[profile before]\nregion = a\n\n", "\n[profile after]\nregion = b\ns3 =\n  x = y\n"
    check_alike(tmp_path, (around[0] + ODD[name] + around[1]).encode())


def test_bytes_that_are_no_utf8_are_refused_by_botocore_and_read_by_us(tmp_path):
    check_alike(tmp_path, b"[profile a]\nx=1\n# caf\xe9\ny=2\n")


WORDS = st.one_of(
    st.sampled_from(["[", "]", "profile ", "default", "sso-session ", "services ", "DEFAULT"]),
    st.sampled_from(["\n", "\n[profile a]\n", "\n[profile b]\n", "\n[x]\n", "\n  ", "\n ", "\r\n"]),
    st.sampled_from(
        ["a", "b", "x y", "=", ":", " ", "  ", "\t", "\r", "#", ";", '"', "'", "\\", "%"]
    ),
    st.sampled_from(
        ["k = v", "k=", "s3 =\n  a = b\n", "\x0b", "\x1c", "\u00a0", "\u2028", "\u0130"]
    ),
)
LINES = st.lists(
    st.builds(
        lambda indent, line, end: indent + line + end,
        st.sampled_from(["", "", "", " ", "  ", "\t"]),
        st.one_of(
            st.builds("[profile {}]".format, st.integers(0, 30)),
            st.builds("[{}]".format, st.sampled_from(["default", "x", "sso-session s", "a]b"])),
            st.builds(
                "k{}={}".format, st.integers(0, 30), st.sampled_from(["", "v", "a=b", "[z]"])
            ),
            st.sampled_from(["# c", "", "", "bare", "[open", "[o = p", "n ="]),
        ),
        st.sampled_from(["\n", "\n", "\n", "\n\n", "\r\n"]),
    ),
    max_size=14,
).map("".join)


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.one_of(LINES, st.lists(WORDS, max_size=16).map("".join)))
@example("[profile a]\n[profile b = c\n")
def test_any_file(tmp_path, text):
    check_alike(tmp_path, text.encode())
