"""A browser without a screen: `browser.py URL [FIELD=VALUE…]` goes there and submits every form.

What a form asks by name is filled in from the arguments; what a page holds ready is sent as it
is. It ends at the first page without a form: 0, or 1 where that is an error.
"""

import html.parser
import http.cookiejar
import sys
import urllib.error
import urllib.parse
import urllib.request

MOST_PAGES = 12


class Form(html.parser.HTMLParser):
    """The first form of a page."""

    def __init__(self, page: str):
        super().__init__()
        self.action: str | None = None
        self.method = "get"
        self.fields: dict[str, str] = {}
        self._open = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action, self._open = said.get("action", ""), True
            self.method = said.get("method", "get").lower()
        elif self._open and tag == "input" and said.get("name") and said.get("type") != "submit":
            self.fields[said["name"]] = said.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = False


def visit(url: str, known: dict[str, str]) -> int:
    """Go through the pages; the status of the last."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
    )
    request = urllib.request.Request(url)
    for _ in range(MOST_PAGES):
        try:
            answer = opener.open(request, timeout=20)
        except urllib.error.HTTPError as error:
            return error.code
        with answer:
            form = Form(answer.read().decode("utf-8", "replace"))
            at = answer.geturl()
        if form.action is None:
            return 200
        said = {name: known.get(name, value) for name, value in form.fields.items()}
        data = urllib.parse.urlencode(said)
        to = urllib.parse.urljoin(at, form.action)
        if form.method == "get":
            request = urllib.request.Request(f"{to}?{data}")
        else:
            request = urllib.request.Request(to, data.encode())
    return 508


if __name__ == "__main__":
    filled_in = dict(word.split("=", 1) for word in sys.argv[2:])
    sys.exit(visit(sys.argv[1], filled_in) >= 400)
