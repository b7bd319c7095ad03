"""What the line-by-line picker fills in: a role by its ARN, and the settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from profiles.dry_call import dry_call
from profiles.errors import Cancelled, UsageError
from profiles.role_form import RoleForm, Tag
from profiles.settings import KNOWN, load_settings, setting_text
from profiles.settings_writer import add_role, save_setting
from profiles.sources.arguments import check_tags
from tui.same_command import assume_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.machine import Machine
    from profiles.switcher import Switcher

    Line = Callable[[str], str | None]
    Say = Callable[[str], None]

_FIELDS = (
    ("role_arn", "role ARN"),
    ("source", "source: a profile, a role, or env; empty for the default"),
    ("session_name", "session name"),
    ("duration", "duration, 15m to 12h"),
    ("external_id", "external id"),
    ("mfa_serial", "MFA device"),
    ("source_identity", "source identity"),
    ("region", "region"),
    ("policy", "session policy, JSON in a line"),
    ("policy_arns", "policy ARNs, with blanks between"),
)
_TAG = "tag, KEY=VALUE; +KEY=VALUE is passed on; empty for no more"


def fill_in(switcher: Switcher, line: Line, say: Say) -> RoleForm | None:
    """A role, field by field; None where it was saved and is not to be assumed now.

    Raises:
        Cancelled: there is no ARN, or it is not wanted any more.
        RolecallError: it cannot be saved.
    """
    form = RoleForm()
    for name, prompt in _FIELDS:
        form = _asked(form, name, prompt, switcher, line, say)
    form = _tagged(form, switcher, line, say)
    role = switcher.catalogue.resolve(form.role_arn)
    request = form.shown_request()
    call = dry_call(switcher, role, request)
    for parameter, value in call.parameters.items():
        say(f"{parameter}: {value}")
    say(f"lasts {call.limit}")
    say(f"same as: {assume_command(form.role_arn, request)}")
    match _answer(line, "assume it (a), save it (s), or stop (enter)? "):
        case "a":
            return form
        case "s":
            name = _answer(line, f"its name [{form.usual_name}]: ") or form.usual_name
            form = replace(form, name=name)
            why = form.name_problem(switcher)
            if why is not None:
                raise UsageError(why, "a fills it in again")
            add_role(switcher.machine, form.entry())
            switcher.reload()
            say(f"{name} is in the settings")
            return None
    raise Cancelled("stopped: nothing was assumed")


def show_settings(machine: Machine, say: Say) -> None:
    """Every setting with its value, its origin and what it is for, a line each."""
    settings = load_settings(machine)
    for warning in settings.warnings:
        say(warning)
    for key, (_, about) in KNOWN.items():
        value = setting_text(key, settings.values[key]) if key in settings.values else "not set"
        say(f"{key}: {value}, {settings.origins.get(key, 'default')}; {about}")


def change_setting(machine: Machine, key: str, text: str, say: Say) -> None:
    """Save a setting, or leave it to rolecall again.

    Raises:
        UsageError: an unknown key, a value that is none, or one that the environment sets.
        ConfigUnreadable: the file cannot be read or written.
    """
    variable = f"ROLECALL_{key.upper()}"
    if key in KNOWN and machine.env.get(variable):
        raise UsageError(f"{variable} is set in the environment and counts before the file")
    save_setting(machine, key, text or None)
    say(f"{key} is {text}" if text else f"{key} is not in the file any more")


def _asked(
    form: RoleForm, name: str, prompt: str, switcher: Switcher, line: Line, say: Say
) -> RoleForm:
    """The form with one field more; asked again for as long as it is wrong."""
    while True:
        text = _answer(line, f"{prompt}: ")
        if name == "role_arn" and not text:
            raise Cancelled("stopped: there is no ARN")
        said: dict[str, Any] = {name: text}
        filled = replace(form, **said)
        why = filled.wrong(switcher).get(name)
        if why is None:
            return filled
        say(f"not this: {why}")


def _tagged(form: RoleForm, switcher: Switcher, line: Line, say: Say) -> RoleForm:
    while text := _answer(line, f"{_TAG}: "):
        try:
            key, value = check_tags(text.removeprefix("+"))
        except UsageError as error:
            say(f"not this: {error.summary}")
            continue
        tag = Tag(key.strip(), value.strip(), transitive=text.startswith("+"))
        filled = replace(form, tags=(*form.tags, tag))
        why = filled.wrong(switcher).get("tags")
        if why is None:
            form = filled
        else:
            say(f"not this: {why}")
    return form


def _answer(line: Line, prompt: str) -> str:
    """What is typed.

    Raises:
        Cancelled: the input ended.
    """
    said = line(prompt)
    if said is None:
        raise Cancelled("stopped: the input ended")
    return said
