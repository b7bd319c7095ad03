"""The writer, byte for byte: what is ours changes, every other byte stays."""

from __future__ import annotations

import re
from base64 import b64encode

import botocore.configloader
import pytest
from botocore.exceptions import ConfigParseError
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from profiles.errors import CredentialsFileUnwritable, ProfileNotOurs
from profiles.files import edit, session_section

SETTINGS = {"aws_access_key_id": "ASIA1", "aws_secret_access_key": "s", "x_rolecall": "r"}
OURS = b"aws_access_key_id = ASIA1\naws_secret_access_key = s\nx_rolecall = r\n"
STALE = b"aws_access_key_id = ASIA0\naws_secret_access_key = t\nx_rolecall = q\n"


def ours(name=b"p", end=b"\n"):
    return (b"[" + name + b"]\n" + OURS).replace(b"\n", end)


def change(before, name="p", said=SETTINGS, *, force=False):
    text = before.decode("utf-8", "surrogateescape")
    return session_section.written(text, name, dict(said), force=force, path="f").encode(
        "utf-8", "surrogateescape"
    )


def take_back(before, name="p"):
    text = before.decode("utf-8", "surrogateescape")
    for span in edit.find(text, name):
        if session_section.is_ours(span.settings):
            return session_section.without(text, span, name).encode("utf-8", "surrogateescape")
    return before


APPENDED = {
    "empty file": (b"", ours()),
    "byte-order mark alone": (b"\xef\xbb\xbf", b"\xef\xbb\xbf" + ours()),
    "one line end": (b"\n", b"\n\n" + ours()),
    "ends with a line end": (b"[a]\nx=1\n", b"[a]\nx=1\n\n" + ours()),
    "no final line end": (b"[a]\nx=1", b"[a]\nx=1\n" + ours()[:-1]),
    "trailing blank lines": (b"[a]\nx=1\n\n\n", b"[a]\nx=1\n\n\n\n" + ours()),
    "trailing spaces": (b"[a]\nx=1\n  ", b"[a]\nx=1\n  \n" + ours()[:-1]),
    "crlf": (b"[a]\r\nx=1\r\n", b"[a]\r\nx=1\r\n\r\n" + ours(end=b"\r\n")),
    "crlf without a final one": (b"[a]\r\nx=1", b"[a]\r\nx=1\r\n" + ours(end=b"\r\n")[:-2]),
    "lone cr": (b"[a]\rx=1\r", b"[a]\rx=1\r\r" + ours(end=b"\r")),
    "lone cr after crlf": (b"[a]\r\nx=1\r", b"[a]\r\nx=1\r\r" + ours(end=b"\r")),
    "mixed, last is lf": (b"[a]\r\nx=1\n", b"[a]\r\nx=1\n\n" + ours()),
    "byte-order mark": (b"\xef\xbb\xbf[a]\nx=1\n", b"\xef\xbb\xbf[a]\nx=1\n\n" + ours()),
    "other encoding": (b"[a]\n# caf\xe9\nx=\xff\n", b"[a]\n# caf\xe9\nx=\xff\n\n" + ours()),
    "percent and odd spacing": (b"[a]\n x  =  %(y)s\n", b"[a]\n x  =  %(y)s\n\n" + ours()),
    "nested settings": (b"[a]\ns3 =\n  x = 1\n", b"[a]\ns3 =\n  x = 1\n\n" + ours()),
    "ends in a comment": (b"[a]\nx=1\n# end", b"[a]\nx=1\n# end\n" + ours()[:-1]),
    "name in a comment": (b"[a]\n# [p]\n", b"[a]\n# [p]\n\n" + ours()),
    "name in a value": (b"[a]\nx =\n  [p]\n", b"[a]\nx =\n  [p]\n\n" + ours()),
    "longer names": (b"[pp]\n[p p]\n", b"[pp]\n[p p]\n\n" + ours()),
    "name with a bracket after": (b"[p]]\nx=1\n", b"[p]]\nx=1\n\n" + ours()),
}

REWRITTEN = {
    "alone": (b"[p]\n" + STALE, ours()),
    "no final line end": (b"[p]\n" + STALE[:-1], ours()[:-1]),
    "in the middle": (b"[a]\n\n[p]\n" + STALE + b"\n[b]\n", b"[a]\n\n" + ours() + b"\n[b]\n"),
    "header with a comment": (b"[p] # mine\n" + STALE, b"[p] # mine\n" + OURS),
    "comments inside": (
        b"[p]\n# 1\naws_access_key_id = a\n; 2\nx_rolecall=q\n# 3\n",
        b"[p]\n# 1\naws_access_key_id = ASIA1\naws_secret_access_key = s\n"
        b"; 2\nx_rolecall = r\n# 3\n",
    ),
    "keys of others": (
        b"[p]\noutput=json\n" + STALE + b"s3 =\n  a = b\n",
        b"[p]\noutput=json\n" + OURS + b"s3 =\n  a = b\n",
    ),
    "keys are missing": (
        b"[p]\noutput=json\nx_rolecall=q\n",
        b"[p]\naws_access_key_id = ASIA1\naws_secret_access_key = s\noutput=json\nx_rolecall = r\n",
    ),
    "upper case keys": (
        b"[p]\nX_Rolecall=q\nAWS_ACCESS_KEY_ID=1\naws_secret_access_key:2\n",
        b"[p]\nx_rolecall = r\naws_access_key_id = ASIA1\naws_secret_access_key = s\n",
    ),
    "unchanged lines stay as they are": (
        b"[p]\naws_access_key_id=ASIA1\naws_secret_access_key :s\nx_rolecall = q\n",
        b"[p]\naws_access_key_id=ASIA1\naws_secret_access_key :s\nx_rolecall = r\n",
    ),
    "all indented": (
        b"[p]\n  x_rolecall = q\n  output = json\n",
        b"[p]\n  aws_access_key_id = ASIA1\n  aws_secret_access_key = s\n"
        b"  x_rolecall = r\n  output = json\n",
    ),
    "value over lines": (
        b"[p]\naws_access_key_id = 1\n  2\n# c\n  3\naws_secret_access_key = s\nx_rolecall = r\n",
        b"[p]\naws_access_key_id = ASIA1\n# c\naws_secret_access_key = s\nx_rolecall = r\n",
    ),
    "region of the session before": (b"[p]\nregion = us-east-1\n" + STALE, ours()),
    "account of the session before": (b"[p]\n" + STALE + b"aws_account_id = 1\n", ours()),
    "older name of the token": (b"[p]\naws_security_token = 1\n" + STALE, ours()),
    "a key that wins over ours": (b"[p]\n" + STALE + b"role_arn = arn\n", ours()),
    "crlf": (b"[p]\r\n" + STALE.replace(b"\n", b"\r\n"), ours(end=b"\r\n")),
    "lone cr": (b"[p]\r" + STALE.replace(b"\n", b"\r"), ours(end=b"\r")),
    "after a byte-order mark": (b"\xef\xbb\xbf[p]\n" + STALE, b"\xef\xbb\xbf" + ours()),
    "indented header": (b"[a]\n  [p]\n" + STALE, b"[a]\n  [p]\n" + OURS),
    "blank lines inside": (
        b"[p]\n\nx_rolecall = q\n\n\n[b]\n",
        b"[p]\naws_access_key_id = ASIA1\naws_secret_access_key = s\n\nx_rolecall = r\n\n\n[b]\n",
    ),
}

TAKEN_BACK = {
    "alone": (ours(), b""),
    "last": (b"[a]\nx=1\n\n" + ours(), b"[a]\nx=1\n"),
    "last, without a final line end": (b"[a]\nx=1\n" + ours()[:-1], b"[a]\nx=1"),
    "first": (ours() + b"\n[b]\nx=1\n", b"\n[b]\nx=1\n"),
    "in the middle": (b"[a]\nx=1\n\n" + ours() + b"\n[b]\n", b"[a]\nx=1\n\n[b]\n"),
    "close to its neighbours": (b"[a]\nx=1\n" + ours() + b"[b]\n", b"[a]\nx=1\n[b]\n"),
    "comment after": (b"[a]\n\n" + ours() + b"# b's\n[b]\n", b"[a]\n# b's\n[b]\n"),
    "comment before": (b"# mine\n" + ours(), b"# mine\n"),
    "blank line of spaces before": (b"[a]\n  \n" + ours(), b"[a]\n  \n"),
    "settings of others in it": (b"[p]\n" + OURS + b"s3 =\n  a=b\n\n# end\n", b"\n# end\n"),
    "not marked": (b"[p]\naws_access_key_id=ASIA1\n", b"[p]\naws_access_key_id=ASIA1\n"),
    "mark in a comment": (b"[p]\n# x_rolecall = r\na=b\n", b"[p]\n# x_rolecall = r\na=b\n"),
    "mark in a block": (b"[p]\na =\n  x_rolecall = r\n", b"[p]\na =\n  x_rolecall = r\n"),
    "mark in DEFAULT": (
        b"[DEFAULT]\nx_rolecall=r\n[p]\na=b\n",
        b"[DEFAULT]\nx_rolecall=r\n[p]\na=b\n",
    ),
    "mark in the section before": (
        b"[o]\nx_rolecall=r\n[p]\na=b\n",
        b"[o]\nx_rolecall=r\n[p]\na=b\n",
    ),
    "long-lived keys in a marked section": (
        b"[p]\naws_access_key_id=AKIA1\nx_rolecall=r\n",
        b"[p]\naws_access_key_id=AKIA1\nx_rolecall=r\n",
    ),
    "broken header after": (b"[p]\nx_rolecall=r\n[b\ny=1\n", b"[b\ny=1\n"),
}

REFUSED = {
    "no mark": b"[p]\nregion=x\n",
    "empty section": b"[p]\n",
    "long-lived keys": b"[p]\naws_access_key_id=AKIA1\naws_secret_access_key=s\n",
    "mark in a comment": b"[p]\n#x_rolecall = r\n",
    "mark in a block": b"[p]\na=\n  x_rolecall = r\n",
    "mark elsewhere": b"[q]\nx_rolecall=r\n[p]\n",
    "long-lived keys put into a marked section": b"[p]\nx_rolecall=r\naws_access_key_id=AKIA1\n",
    "there twice": b"[p]\nx_rolecall=r\n[p]\nx_rolecall=r\n",
}


@pytest.mark.parametrize("name", APPENDED)
def test_a_new_section_is_appended_and_removed_without_a_trace(name):
    before, after = APPENDED[name]
    assert change(before) == after
    assert take_back(after) == before


@pytest.mark.parametrize("name", REWRITTEN)
def test_a_marked_section_is_rewritten_in_place(name):
    before, after = REWRITTEN[name]
    assert change(before) == after
    assert change(after) == after


@pytest.mark.parametrize("name", TAKEN_BACK)
def test_a_marked_section_is_removed_and_nothing_else(name):
    before, after = TAKEN_BACK[name]
    assert take_back(before) == after


@pytest.mark.parametrize("name", REFUSED)
def test_a_section_that_is_not_ours_is_refused(name):
    with pytest.raises(ProfileNotOurs):
        change(REFUSED[name])


def test_forced_the_keys_change_and_the_rest_of_the_section_stays():
    before = (
        b"[p]\n# mine\naws_access_key_id=AKIA1\naws_secret_access_key=x\nregion=r\ns3=\n  a=b\n"
    )
    assert change(before, force=True) == (
        b"[p]\n# mine\naws_access_key_id = ASIA1\naws_secret_access_key = s\nx_rolecall = r\n"
        b"region=r\ns3=\n  a=b\nx_rolecall_was = " + b64encode(before) + b"\n"
    )


FORCED = {
    "alone": b"[p]\naws_access_key_id=AKIA1\naws_secret_access_key : x\n",
    "no final line end": b"[p]\naws_access_key_id = AKIA1\naws_secret_access_key = x",
    "CRLF": b"# a\r\n[p]\r\naws_access_key_id = AKIA1\r\nregion = r\r\n\r\n[q]\r\nregion = z\r\n",
    "no setting": b"[p]\n\n[q]\nregion = z\n",
    "comments all over": b"[p] ;\n# a\naws_access_key_id = AKIA1\n# b\nrole_arn = x\n# c\n\n# d",
    "a nested setting": b"[p]\nregion=r\ns3 =\n  a = b\n  c = d",
    "a session of others": b"[p]\naws_security_token = x\nexpiration = 2026\naws_account_id = 1\n",
    "bytes that are no UTF-8": b"[q]\n\n[p]\naws_access_key_id = AKIA1\nnote = \xff\xfe\n",
    "indented": b"[q]\na = b\n  [p]\n  aws_access_key_id = AKIA1\n  [r]\n  c = d\n",
    "keys over a session of ours": b"[p]\naws_access_key_id = AKIA1\nx_rolecall = r\n",
}


@pytest.mark.parametrize("before", FORCED.values(), ids=FORCED)
@pytest.mark.parametrize("others", [[], ["a", "b"]], ids=["alone", "among others"])
def test_removing_what_was_forced_gives_the_section_back(before, others):
    after = change(before, said=SETTINGS | {"region": "n"}, force=True)
    for name in others:
        after = change(after, name=name)
    after = change(after)  # renewed, its region unknown now
    for name in (*others[:1], "p", *others[1:]):
        after = take_back(after, name=name)
    assert after == before


def test_what_others_set_in_a_forced_section_stays_when_it_is_taken_back():
    before = b"[p]\naws_access_key_id=AKIA1\naws_secret_access_key=x\nrole_arn = a\noutput=text\n"
    after = change(before, force=True).replace(b"output=text", b"output=json") + b"cli_pager =\n"
    now = take_back(after)
    assert b"output=json" in now
    assert b"cli_pager" in now
    section = edit.find(now.decode(), "p")[0].settings
    assert section["aws_access_key_id"] == "AKIA1"
    assert section["aws_secret_access_key"] == "x"
    assert section["role_arn"] == "a"
    assert "x_rolecall" not in now.decode()


def test_what_was_kept_and_is_broken_is_not_put_back():
    after = change(b"[p]\nregion=r\n", force=True)
    assert take_back(after.replace(b"x_rolecall_was = ", b"x_rolecall_was = !")) == b""


def test_forced_again_and_again_it_keeps_the_latest_keys_alone():
    section, first = b"[p]\naws_access_key_id = AKIA1\n", 0
    for number in range(5):
        after = change(section, force=True)
        first = first or len(after)
        section = after.replace(b"ASIA1", b"AKIA%d" % number)  # as `aws configure` would
    assert len(after) < 2 * first
    assert b"AKIA3" in take_back(after)


def test_a_new_region_comes_in_its_place():
    said = {"aws_access_key_id": "ASIA1", "region": "x", "x_rolecall": "r"}
    assert change(b"[p]\naws_access_key_id = ASIA0\nx_rolecall = r", said=said) == (
        b"[p]\naws_access_key_id = ASIA1\nregion = x\nx_rolecall = r"
    )


@pytest.mark.parametrize(
    "broken",
    [
        b"[p]\nnonsense\n  x_rolecall = q\n",
        b"[p]\n   x_rolecall = q\nnonsense\n  foo=bar\n",
    ],
)
def test_a_section_too_broken_to_be_sure_of_is_refused(broken):
    with pytest.raises(CredentialsFileUnwritable):
        change(broken)


def test_ten_thousand_other_sections_keep_every_byte():
    others = [b"[other-%d]\naws_access_key_id = AKIA%d\n\n" % (n, n) for n in range(10_000)]
    before = b"".join(others[:5000]) + b"[p]\n" + STALE + b"\n" + b"".join(others[5000:])
    after = change(before)
    assert after == before.replace(b"[p]\n" + STALE, ours())
    assert take_back(after) == b"".join(others[:5000]) + b"".join(others[5000:])


PIECES = st.one_of(
    st.sampled_from([b"[a]", b"[b]", b"[p]", b"[q", b"]", b"x = 1", b"region : z", b"=", b"aws"]),
    st.sampled_from([b"\n", b"\n", b"\r\n", b"\r", b" ", b"\t", b"\x0c", b"\n\n\n", b"\n  x = 1"]),
    st.sampled_from([b"# c", b";", b"\xff", b"\xc3\xa9", b"\xc2\xa0", b"\xef\xbb\xbf", b"%"]),
    st.sampled_from([b"x_rolecall = r", b"\n[p]\nx_rolecall = q\n", b"\n[q]\nx_rolecall = p\n"]),
)
ANY = st.one_of(
    st.lists(PIECES, max_size=14).map(b"".join),
    st.binary(max_size=60).filter(lambda data: b"\0" not in data),
)


@settings(max_examples=600, deadline=None)
@given(ANY)
@example(b"\xef\xbb\xbf\n")
@example(b"x\n\r")
@example(b"\r\n\r")
def test_removing_what_was_written_gives_every_original_back(before):
    try:
        after = change(before, name="new")
    except ProfileNotOurs:
        return
    assert take_back(after, name="new") == before


@settings(max_examples=600, deadline=None)
@given(ANY)
@example(b"=\n  x = 1\n]")
def test_removing_what_was_forced_gives_every_original_back(before):
    data = b"[p]\nregion = x\n" + before
    spans = edit.find(data.decode("utf-8", "surrogateescape"), "p")
    assume(len(spans) == 1 and not session_section.is_ours(spans[0].settings))
    try:
        after = change(data, force=True)
    except CredentialsFileUnwritable:
        return
    assume(
        not session_section.is_ours(
            edit.find(data.decode("utf-8", "surrogateescape"), "p")[0].settings
        )
    )
    assert take_back(after) == data


@settings(max_examples=600, deadline=None)
@given(ANY, ANY)
def test_bytes_before_and_after_a_section_are_kept(before, after):
    assume(not before.endswith(b"\r"))  # it would be one line end with what follows
    data = before + b"\n[own]\n" + STALE + b"\n[next]\n" + after
    assume(len(edit.find(data.decode("utf-8", "surrogateescape"), "own")) == 1)
    changed = change(data, name="own")
    assert changed.startswith(before + b"\n[own]\n")
    assert changed.endswith(b"\n[next]\n" + after)
    assert take_back(changed, name="own").endswith(b"\n[next]\n" + after)
    assert take_back(changed, name="own").startswith(before)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ANY, st.booleans())
@example(b"[p]\n [a]", True)  # noqa: FBT003  # forced
def test_what_botocore_reads_it_still_reads_with_ours_added(tmp_path, before, forced):
    path = tmp_path / "credentials"
    path.write_bytes(before)
    try:
        was = botocore.configloader.raw_config_parse(str(path))
        path.write_bytes(change(before, force=forced))
    except (ConfigParseError, ProfileNotOurs):
        return
    except CredentialsFileUnwritable:
        # An indented header is one only where no key stands before it: ours would, and take it in.
        assert re.search(r"(?m)^[^\S\r\n]+\[", before.decode("utf-8", "surrogateescape"))
        return
    now = botocore.configloader.raw_config_parse(str(path))
    assert now.pop("p").items() >= SETTINGS.items()
    was.pop("p", None)
    assert now == was
