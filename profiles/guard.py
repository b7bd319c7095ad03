"""The guard of a stage: it stands before everything that makes or hands out a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.errors import ConfirmationNeeded
from profiles.quoted import quoted

if TYPE_CHECKING:
    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.role import Role
    from profiles.challenges import Ask
    from profiles.request import Request


def guard(catalogue: Catalogue, role: Role, request: Request, ask: Ask, change: str) -> None:
    """Let the stage of a role ask, unless the request answers it.

    Args:
        change: what will happen, as an infinitive: `write a session to [x]`.

    Raises:
        ConfirmationNeeded: nobody answered, or with another name.
        Cancelled: the answer was no.
    """
    stage = catalogue.stage(role)
    if stage is None or stage.confirm == "none":
        return
    from profiles.challenges import Confirmation

    account = catalogue.heading(role) or role.account_id or role.name
    if stage.confirm == "ask":
        if not request.yes:
            ask(Confirmation(role.name, stage.name, account, None, change))
        return
    said = request.confirm
    if said is None:
        said = ask(Confirmation(role.name, stage.name, account, account, change))
    if said != account:
        raise ConfirmationNeeded(
            f"{role.name} is {stage.name}: {said!r} is not the account's name",
            f"add --confirm {quoted(account)}",
        )
