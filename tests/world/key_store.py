"""A store for secrets that tests can look into: one JSON file, named by the environment."""

import json
import os

import keyring.backend
import keyring.errors


class TestStore(keyring.backend.KeyringBackend):
    """Keeps secrets in `$TEST_STORE`; with `$TEST_STORE_FAILS` it raises keyring's error."""

    priority = 5

    def get_password(self, service, username):
        return self._all().get(f"{service}/{username}")

    def set_password(self, service, username, password):
        kept = self._all() | {f"{service}/{username}": password}
        self._write(kept)

    def delete_password(self, service, username):
        kept = self._all()
        if kept.pop(f"{service}/{username}", None) is None:
            raise keyring.errors.PasswordDeleteError
        self._write(kept)

    def _all(self):
        failure = os.environ.get("TEST_STORE_FAILS")
        if failure:
            raise getattr(keyring.errors, failure)("the secret is s3cret")
        try:
            with open(os.environ["TEST_STORE"]) as file:
                return json.load(file)
        except FileNotFoundError:
            return {}

    def _write(self, kept):
        with open(os.environ["TEST_STORE"], "w") as file:
            json.dump(kept, file)
