"""What the picker opens beside the roles: the form for one by its ARN, and the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.same_command import assume_command
from tui.screens.picker_finding import PickerFinding

if TYPE_CHECKING:
    from profiles.role_form import RoleForm
    from tui.screens.role_form import Filled


class PickerForms(PickerFinding):
    """The screens of `n` and `,`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._draft: RoleForm | None = None

    def action_assume_arn(self) -> None:
        """Fill in a form; assume the role, or save it."""
        from profiles.role_form import RoleForm
        from profiles.settings_writer import add_role
        from tui.screens.role_form import RoleFormDialog

        dialog = RoleFormDialog(
            self.roles.look,
            self.switcher,
            self._draft or RoleForm(),
            lambda form: add_role(self.machine, form.entry()),
            self.app.copy_to_clipboard,
            self.host.current_key,
        )

        def filled(found: Filled | None) -> None:
            self._draft = dialog.form
            if found is None:
                if self._draft != RoleForm():
                    key = self.host.current_key_of("assume_arn")
                    self.say(f"what was typed is kept: {key} brings it back", timeout=3)
            elif found.saved:
                self._draft = None
                self._show_saved(found.form.name)
            else:
                self._assume(found.form)

        self.app.push_screen(dialog, filled)

    def _assume(self, form: RoleForm) -> None:
        request = form.request()
        role = self.switcher.catalogue.resolve(form.role_arn)
        if self.host.choosing is not None:
            self.hand_out(role, "set it in the calling shell", self.host.hand_over, request)
            return
        same = assume_command(form.role_arn, form.shown_request())
        self._try(
            role,
            same,
            lambda ask, stop: self.switcher.assume(role, request, ask=ask, cancelled=stop),
        )

    def _show_saved(self, name: str) -> None:
        """Read the settings again, and highlight the role that is new in them."""

        def then(catalogue: Any, error: Any) -> None:
            if error is not None:
                self.say_error(error)
                return
            self.use_catalogue(catalogue)
            self.go_to_role(name)
            self.say(f"{name} is in the settings: enter switches to it")

        self._settings = self._settings_stamp()
        self.errands.start("files", lambda *_: self.switcher.reload(), then)

    # Settings ----------------------------------------------------------------------------

    def action_settings(self) -> None:
        """Look at the settings, and change them."""
        from tui.screens.settings import SettingsScreen

        settings = self.switcher.catalogue.settings
        self.app.push_screen(SettingsScreen(self.roles.look, self.machine, settings))
