"""The picker's keyboard: every key, by section, each with an id to remap it by."""

from __future__ import annotations

from dataclasses import replace

from textual.binding import Binding


def _key(name: str, key: str, action: str, word: str, tip: str, shown: str = "") -> Binding:
    return Binding(key, action, word, id=name, tooltip=tip, key_display=shown or None)


SECTIONS: dict[str, tuple[Binding, ...]] = {
    "Switch": (
        _key("switch", "enter", "switch", "switch", "Assume the role and write its profile"),
        _key("default", "d", "write_default", "default", "Switch, and write to [default]"),
        _key("write_to", "w", "write_to", "write to", "Switch, and write to a profile you name"),
        _key("shell", "s", "shell", "shell", "Open a subshell with the session"),
        _key("renewing_shell", "S", "renewing_shell", "renewing", "Open one that renews it"),
        _key("console", "c", "console", "console", "Open the AWS console as the role"),
        _key("console_service", "C", "console_service", "console of", "Open the page of a service"),
        _key("copy", "y", "copy", "copy", "Copy variables, the profile's name, the ARN …"),
        _key("renew", "e", "renew", "renew", "Get a new session into the same profiles"),
        _key("drop", "x", "drop", "drop", "Remove the session that rolecall wrote"),
        _key("login", "L", "login", "log in or out", "Sign in to an SSO session, or out of it"),
        _key("discover", "D", "discover", "discover", "Find the roles that a sign-in gives"),
        _key("undo", "u", "undo", "undo", "Undo the last write to the credentials file"),
        _key("assume_arn", "n", "assume_arn", "by ARN", "Assume a role by its ARN: a form"),
        _key("cancel", "escape", "cancel", "cancel", "Stop a switch; clear the filter", "esc"),
    ),
    "Find": (
        _key("filter", "slash", "filter", "filter", "Type words; all of them have to match", "/"),
        _key(
            "filter_before", "ctrl+r", "filter_before", "filter before", "An earlier filter", "^r"
        ),
        _key("previous", "minus", "previous", "last role", "Go to the role of before", "-"),
        _key("favourite", "f", "favourite", "favourite", "Keep the role at hand, or no longer"),
        *(
            _key(
                f"favourite_{n}",
                f"{n}",
                f"favourite_at({n})",
                f"favourite {n}",
                "Go to a favourite",
            )
            for n in range(1, 10)
        ),
        _key("explain", "i", "explain", "explain", "The way to the role, and what wins over it"),
        _key("trust", "t", "trust", "trust", "The trust policy that the role needs"),
        _key("order", "o", "order", "order", "By account, use, name or expiry"),
        _key("fold", "z", "fold", "fold", "Fold the account, or open it"),
    ),
    "Move": (
        _key("down", "j,down", "down", "down", "One line down", "j"),
        _key("up", "k,up", "up", "up", "One line up", "k"),
        _key("first", "g,home", "first", "first", "To the first line", "g"),
        _key("last", "G,end", "last", "last", "To the last line", "G"),
        _key("half_down", "ctrl+d", "half_down", "half down", "Half a page down", "^d"),
        _key("half_up", "ctrl+u", "half_up", "half up", "Half a page up", "^u"),
        _key("page_down", "pagedown", "page_down", "page down", "A page down", "pgdn"),
        _key("page_up", "pageup", "page_up", "page up", "A page up", "pgup"),
        _key("next_pane", "tab", "next_pane", "next pane", "To the next pane", "tab"),
        _key("last_pane", "shift+tab", "last_pane", "pane before", "Back a pane", "shift+tab"),
    ),
    "rolecall": (
        _key(
            "settings",
            "comma",
            "settings",
            "settings",
            "Every setting and key, to look and change",
            ",",
        ),
        _key("help", "question_mark", "help", "help", "Every key of this screen", "?"),
        _key("palette", "ctrl+p", "palette", "palette", "Actions, themes, roles by name", "^p"),
        _key("log", "at", "log", "log", "What was done in this run, without secrets", "@"),
        _key("redraw", "ctrl+l", "redraw", "redraw", "Draw the screen anew", "^l"),
        _key("hints", "h", "hints", "first hints", "Hide the first hints, or show them again"),
        _key("quit", "q", "quit", "quit", "Leave; sessions stay"),
    ),
}
EVERYWHERE: tuple[Binding, ...] = (
    Binding(
        "ctrl+c",
        "leave",
        "leave",
        id="leave",
        tooltip="Leave at once, whatever is going on",
        key_display="^c",
        priority=True,
    ),
    Binding(
        "ctrl+z",
        "suspend_process",
        "stop",
        id="stop",
        tooltip="Stop, as other programs do; fg goes on",
        key_display="^z",
        priority=True,
    ),
)
FORM: tuple[Binding, ...] = (
    _key("form_assume", "ctrl+o", "assume", "assume", "Assume it; enter does, in a line", "^o"),
    _key("form_save", "ctrl+s", "save", "save", "Save it as a role of the settings", "^s"),
    _key("form_copy", "ctrl+t", "copy", "copy", "Copy the command line that does the same", "^t"),
    _key("form_look", "ctrl+l", "look", "call", "See what is sent, where both do not fit", "^l"),
    _key("form_clear", "ctrl+r", "clear", "clear", "Empty every field", "^r"),
    # Before the field sees them: letters typed right after are the next field's.
    replace(_key("form_next", "tab", "next_field", "next", "To the next field"), priority=True),
    replace(_key("form_last", "shift+tab", "last_field", "back", "Back a field"), priority=True),
    _key("form_down", "down", "next_field", "down", "To the next field, but in a text"),
    _key("form_up", "up", "last_field", "up", "Back a field, but in a text"),
    _key("form_longer", "ctrl+up,alt+up", "longer", "longer", "15 minutes longer", "^up"),
    _key("form_shorter", "ctrl+down,alt+down", "shorter", "shorter", "15 minutes shorter", "^down"),
    _key("form_help", "f1", "help", "keys", "Every key of this form", "f1"),
)
SETTINGS: tuple[Binding, ...] = (
    _key("setting_edit", "enter,space", "change", "change", "Change it, here in its line", "enter"),
    _key("setting_reset", "x,delete", "reset", "reset", "Leave it to rolecall again", "x"),
    _key("setting_file", "e", "edit_file", "editor", "Open the file in your editor", "e"),
    _key("setting_down", "j,down", "down", "down", "One line down", "j"),
    _key("setting_up", "k,up", "up", "up", "One line up", "k"),
    _key("setting_first", "g,home", "first", "first", "To the first line", "g"),
    _key("setting_last", "G,end", "last", "last", "To the last line", "G"),
    _key("setting_page", "pagedown,ctrl+d", "page_down", "page down", "A page down", "pgdn"),
    _key("setting_page_up", "pageup,ctrl+u", "page_up", "page up", "A page up", "pgup"),
    _key("setting_help", "question_mark", "help", "help", "Every key of this screen", "?"),
    _key("setting_close", "escape,q", "close", "close", "Back to the roles", "esc"),
)
PICKER: tuple[Binding, ...] = tuple(key for keys in SECTIONS.values() for key in keys)
BY_ID: dict[str, Binding] = {key.id or "": key for key in (*PICKER, *EVERYWHERE, *FORM, *SETTINGS)}

FOOTER = ("switch", "shell", "console", "copy", "renew", "filter", "help")
FOOTER_SESSIONS = ("renew", "drop", "next_pane", "filter", "quit", "help")
FOOTER_SETTINGS = (
    *("setting_edit", "setting_reset", "setting_file", "setting_close", "setting_help"),
)
FOOTER_NAMING = ("switch", "filter", "favourite", "order", "quit", "help")
FOOTER_TYPING = ("switch", "cancel")
FOOTER_TRYING = ("cancel", "down", "up", "filter", "quit", "help")


def written(binding: Binding) -> str:
    """How a key is written: `enter`, `/`, `^d`; the first, where several do the same."""
    return binding.key_display or spelt(binding.key)


def spelt(key: str) -> str:
    """How Textual's name of a key is written; of the first, where there are several."""
    key = key.split(",", maxsplit=1)[0].strip()
    return _WRITTEN.get(key, key.replace("ctrl+", "^"))


_WRITTEN = {
    "escape": "esc",
    "slash": "/",
    "question_mark": "?",
    "minus": "-",
    "comma": ",",
    "at": "@",
    "pagedown": "pgdn",
    "pageup": "pgup",
}
