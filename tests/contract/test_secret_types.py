"""Whatever holds a secret neither prints it, nor is it pickled, copied or logged with it."""

import copy
import json
import logging
import pickle
import traceback

import pytest

from profiles.console_link import Link
from profiles.destinations import endpoint_server
from profiles.destinations.protocol import Delivery
from profiles.files import edit, lines, transaction, undo_copies
from profiles.files.session_section import SessionSection
from profiles.files.sign_ins import SignedIn
from profiles.key_store import StoredKeys
from profiles.machine import Completed, Machine
from profiles.request import Request
from profiles.session import Credentials, Session
from profiles.sources import web
from profiles.sources.answer import Answer
from profiles.sources.saml_response import SamlResponse
from profiles.sources.surroundings import Surroundings
from tui.copies import Copied

MARK = "planted-7f3a"
KEYS = Credentials("ASIAEXAMPLE", MARK, MARK, expires_at=4e9)
LINE = lines.Line(lines.OPTION, 0, 9, "", "aws_secret_access_key", MARK)
HOLDERS = [
    KEYS,
    Session("reader", KEYS, 4e9),
    Request(mfa_code=MARK, saml_assertion=MARK, external_id=MARK),
    SignedIn("ana", MARK, 4e9, MARK),
    SamlResponse(MARK, (), encrypted=False),
    StoredKeys("AKIAEXAMPLE", MARK),
    Link(MARK, secret=True),
    Machine(env={"AWS_SECRET_ACCESS_KEY": MARK}, home="/home/ana"),
    Completed(0, MARK, MARK),
    Answer({"Credentials": {"SecretAccessKey": MARK}}, 0.0),
    web.Answer(200, {"id_token": MARK}, 0.0),
    endpoint_server.Question("GET", "/", {"authorization": MARK}),
    endpoint_server.Answer(200, MARK.encode()),
    Delivery("variables", text=MARK),
    SessionSection("p", "r", "ASIA", MARK, MARK, None, None, 4e9),
    LINE,
    edit.Span((LINE,), {"aws_secret_access_key": LINE}),
    transaction.PutBack("credentials", MARK, MARK),
    undo_copies.Copy("copy", "credentials", "0", MARK.encode()),
    Surroundings({"aws_secret_access_key": MARK}, {}, None),
    Copied("bash", MARK, "bash"),
]
of_each = pytest.mark.parametrize("holder", HOLDERS, ids=lambda each: type(each).__qualname__)


@of_each
def test_what_holds_a_secret_does_not_print_it(holder, caplog):
    logging.getLogger("x").warning("%s %r", holder, [holder])
    shown = (repr(holder), str(holder), f"{holder}", repr({"in": (holder,)}), caplog.text)
    assert MARK not in "".join(shown)


@of_each
def test_a_traceback_with_it_in_a_message_shows_none(holder):
    assert MARK not in "".join(traceback.format_exception(ValueError(holder)))


@pytest.mark.parametrize("holder", HOLDERS[:2], ids=["Credentials", "Session"])
def test_a_session_leaves_the_process_by_no_accident(holder):
    for way in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            way(holder)
    with pytest.raises(TypeError):
        vars(holder)
