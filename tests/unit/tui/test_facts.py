"""What the panes know of sessions while time goes by."""

from profiles.catalogue.catalogue import Catalogue
from profiles.machine import Machine
from profiles.model import SessionStatus
from tui.widgets.facts import Facts


def test_a_session_that_ends_leaves_its_role_to_one_that_lives(tmp_path):
    now = [1000.0]
    catalogue = Catalogue.load(Machine(env={}, home=str(tmp_path)))
    facts = Facts(catalogue, lambda: now[0], lambda *_: None)
    written = SessionStatus("reader", "reader-session", None, 1060.0, "rolecall")
    cached = SessionStatus("reader", None, None, 4600.0, "aws-cli")
    facts.know([written, cached])
    assert facts.sessions == {"reader": written}
    now[0] = 1061.0
    facts.rank()
    assert facts.sessions == {"reader": cached}
