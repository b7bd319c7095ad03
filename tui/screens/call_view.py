"""The call that a form would end with, as people read it; what is nobody's business is masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from profiles import times
from profiles.dry_call import dry_call
from profiles.errors import RolecallError
from tui.same_command import assume_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.style import Style

    from profiles.dry_call import DryCall
    from profiles.role_form import RoleForm
    from profiles.switcher import Switcher
    from tui.widgets.pane import Look

_MASK = "****"


def call_view(look: Look, switcher: Switcher, form: RoleForm, wrong: dict[str, str]) -> Table:
    """What would be sent, where it starts, how long it lasts, where it goes, the command line."""
    palette, said = look.palette, look.said
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, style=palette.muted)
    table.add_column(overflow="fold", ratio=1, style=palette.base)
    for label, value, style in _rows(look, switcher, form, wrong):
        table.add_row(label, Text(said(value), style))
    return table


def _rows(
    look: Look, switcher: Switcher, form: RoleForm, wrong: dict[str, str]
) -> Iterator[tuple[str, str, Style]]:
    palette = look.palette
    yield "Call", "sts:AssumeRole", palette.strong
    if not form.role_arn:
        yield "", "nothing yet: a role's ARN is all it takes", palette.muted
        return
    if wrong:
        fields = ", ".join(name.replace("_", " ") for name in wrong)
        yield "", f"not right yet: {fields}", palette.muted
        return
    try:
        role = switcher.catalogue.resolve(form.role_arn)
        call = dry_call(switcher, role, form.request())
        profile = switcher.profile_for(role)
    except RolecallError as error:
        yield "", error.summary, palette.critical
        return
    policy = call.parameters.pop("Policy", None)
    for name, value in _sent(call):
        yield name, value, palette.base
    if policy is not None:
        yield "Policy", f"{len(policy):,} characters, below", palette.base
    yield "", "", palette.base
    yield "Chain", f" {look.glyphs.hop} ".join(call.chain), palette.base
    yield "Region", call.region or "none: the partition's own endpoint", palette.base
    yield "Lasts", call.limit, palette.base
    yield "Written", f"[{profile}]", palette.base
    if switcher.catalogue.get(role.name) is not None:
        known = f"{role.name}: what its settings say counts where the form has nothing"
        yield "Known as", known, palette.base
    for note in call.notes:
        yield "", note, palette.warning
    yield "Same as", assume_command(form.role_arn, form.shown_request()), palette.accent
    if policy is not None:
        yield "Policy", policy, palette.base


def _sent(call: DryCall) -> list[tuple[str, str]]:
    shown = [(name, _shown(name, value)) for name, value in call.parameters.items()]
    if "SerialNumber" in call.parameters:
        shown.append(("TokenCode", f"{_MASK} (asked for when it is sent)"))
    return shown


def _shown(name: str, value: Any) -> str:
    match name:
        case "ExternalId":
            return _MASK
        case "DurationSeconds":
            return f"{value} ({times.words(value)})"
        case "Tags":
            return ", ".join(f"{tag['Key']}={tag['Value']}" for tag in value)
        case "PolicyArns":
            return " ".join(each["arn"] for each in value)
        case "TransitiveTagKeys":
            return ", ".join(value)
    return str(value)
