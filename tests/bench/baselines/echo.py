"""A Textual input that says again what was typed: the measure for a letter."""

from textual.app import App
from textual.widgets import Input, Static


class Echo(App):
    BINDINGS = [("escape", "quit", "quit")]  # noqa: RUF012

    def compose(self):
        yield Input(placeholder="words")
        yield Static("said: .", id="said", markup=False)

    def on_input_changed(self, event):
        self.query_one("#said", Static).update(f"said: {event.value}.")


if __name__ == "__main__":
    Echo().run()
