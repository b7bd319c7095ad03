"""The least a Textual program can be: its first frame, memory, idling and end are the measure."""

from textual.app import App
from textual.widgets import Static


class Hello(App):
    BINDINGS = [("q", "quit", "quit")]  # noqa: RUF012

    def compose(self):
        yield Static("hello, nobody")


if __name__ == "__main__":
    Hello().run()
