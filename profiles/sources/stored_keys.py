"""Long-lived keys that lie in the system's store and in no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.session import Credentials, Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.chain import Hop
    from profiles.sources.protocol import Way


class KeyStore:
    """The keys of one name in the system's store."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The keys.

        Raises:
            UnknownTarget: the store has none of that name.
            ConfigUnreadable, PersonNeeded: the store cannot be used.
        """
        from profiles.key_store import get

        del before
        way.check()
        keys = get(hop.name)
        found = Credentials(keys.access_key_id, keys.secret_access_key, method="keyring")
        return Session.in_hand(hop.name, found)
