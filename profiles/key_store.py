"""Long-lived keys in the system's own store (Keychain, Secret Service, Windows' vault).

The store is reached by the package `keyring`, an optional extra.
"""

from __future__ import annotations

import contextlib
import json
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from profiles.errors import ConfigUnreadable, PersonNeeded, RolecallError, UnknownTarget
from profiles.files.atomic import private_folder
from profiles.files.key_names import key_names, key_names_file, write_key_names
from profiles.files.lock import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from profiles.machine import Machine

_SERVICE = "rolecall"
_NAMES = "names of all keys"
_PATIENCE = 120.0
"""Seconds that a store is waited for: it may ask the person for its password."""

Result = TypeVar("Result")


class StoredKeys(NamedTuple):
    """A pair of long-lived keys."""

    access_key_id: str
    secret_access_key: str

    def __repr__(self) -> str:
        return f"StoredKeys({self.access_key_id})"


def names(machine: Machine) -> tuple[str, ...]:
    """The names of all keys in the store, those too that the state folder has lost.

    Raises:
        ConfigUnreadable, PersonNeeded: the store cannot be used.
    """
    known = key_names(machine)
    said = _asked(lambda store: store.get_password(_SERVICE, _NAMES))
    listed: list[str] = []
    with contextlib.suppress(ValueError, TypeError):  # whatever else got there
        listed = [name for name in json.loads(said or "[]") if isinstance(name, str)]
    lost = [name for name in listed if name not in known]
    if lost:
        with contextlib.suppress(OSError):
            write_key_names(machine, (*known, *lost))
    return (*known, *lost)


def get(name: str) -> StoredKeys:
    """The keys of a name.

    Raises:
        UnknownTarget: the store has none.
        ConfigUnreadable, PersonNeeded: the store cannot be used.
    """
    said = _asked(lambda store: store.get_password(_SERVICE, name))
    if not said:
        raise UnknownTarget(
            f"the system's store has no keys called {name!r}", f"rolecall keys add {name}"
        )
    try:
        found = json.loads(said)
        return StoredKeys(found["access_key_id"], found["secret_access_key"])
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigUnreadable(
            f"the system's store holds something else under {name!r}", f"rolecall keys rm {name}"
        ) from error


def add(machine: Machine, name: str, keys: StoredKeys) -> None:
    """Store keys; those that had the name are replaced.

    Raises:
        ConfigUnreadable, PersonNeeded: the store, or the state folder, cannot be used.
    """
    text = json.dumps(keys._asdict())
    with _alone(machine):
        _asked(lambda store: store.set_password(_SERVICE, name, text))
        _remember(machine, (*(known for known in names(machine) if known != name), name))


def remove(machine: Machine, name: str) -> None:
    """Remove keys from the store.

    Raises:
        UnknownTarget: the store has none of that name.
        ConfigUnreadable, PersonNeeded: the store, or the state folder, cannot be used.
    """

    def delete(store: Any) -> None:
        import keyring.errors

        # Gone already: only its name was left.
        with contextlib.suppress(keyring.errors.PasswordDeleteError):
            store.delete_password(_SERVICE, name)

    with _alone(machine):
        known = names(machine)
        if name not in known:
            raise UnknownTarget(
                f"the system's store has no keys called {name!r}", "rolecall keys list shows them"
            )
        _asked(delete)
        _remember(machine, tuple(other for other in known if other != name))


@contextlib.contextmanager
def _alone(machine: Machine) -> Iterator[None]:
    """Let nobody else change the names meanwhile."""
    import filelock

    try:
        private_folder(machine.state_folder)
        with locked(f"{key_names_file(machine)}.lock", _PATIENCE):
            yield
    except filelock.Timeout as error:
        raise PersonNeeded("another rolecall waits for the system's store", "finish it") from error
    except OSError as error:
        raise ConfigUnreadable(
            f"the names of the keys cannot be kept: {error.filename or machine.state_folder}: "
            f"{(error.strerror or str(error)).lower()}"
        ) from error


def _remember(machine: Machine, all_names: tuple[str, ...]) -> None:
    _asked(lambda store: store.set_password(_SERVICE, _NAMES, json.dumps(all_names)))
    write_key_names(machine, all_names)


def _asked(ask: Callable[[Any], Result]) -> Result:
    """What the store answers; it is waited for in a thread, since some never answer."""
    try:
        import keyring  # noqa: F401 — where it is missing, this is the place that says so
    except ImportError as error:
        raise ConfigUnreadable(
            "keys in the system's store need the package keyring, which is not installed",
            "pipx inject rolecall keyring, or pip install 'rolecall[keyring]'",
        ) from error
    outcome: list[Result] = []
    failure: list[Exception] = []

    def run() -> None:
        try:
            outcome.append(ask(_store()))
        except Exception as error:  # noqa: BLE001 — backends raise whatever theirs is
            failure.append(error)

    thread = threading.Thread(target=run, name="rolecall-key-store", daemon=True)
    thread.start()
    thread.join(_PATIENCE)
    if outcome:
        return outcome[0]
    if not failure:
        raise PersonNeeded("the system's store gave no answer", "unlock it, and try again")
    raise _said(failure[0]) from failure[0]


def _said(failure: Exception) -> RolecallError:
    """What went wrong with the store; without its own words, which may hold what it keeps."""
    import keyring.errors

    if isinstance(failure, keyring.errors.NoKeyringError):
        return ConfigUnreadable(
            "this machine has no store for secrets that keyring could use",
            "on Linux it is the Secret Service: gnome-keyring or KWallet, with D-Bus",
        )
    if isinstance(failure, (keyring.errors.KeyringLocked, keyring.errors.InitError)):
        return PersonNeeded("the system's store is locked", "unlock it, and try again")
    return ConfigUnreadable(
        f"the system's store failed: {type(failure).__name__}", "python -m keyring diagnose"
    )


def _store() -> Any:
    """The store that a person chose for keyring, else the best one that is safe.

    Left alone, keyring would fall back to a file of plain text where that backend is installed;
    what it recommends is safe (priority 1 and above).
    """
    import keyring.core

    keyring.core.init_backend(keyring.core.recommended)
    return keyring.core.get_keyring()
