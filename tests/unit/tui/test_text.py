import pytest

from tui.text import lines_of, masked, printable


@pytest.mark.parametrize(
    "text", ["\x1b[31mred", "a\nb", "a\rb", "\x9b1m", "\u202egnp", "\x00", "\udc80"]
)
def test_nothing_that_steers_a_terminal_is_shown(text):
    assert all(letter.isprintable() for letter in printable(text))
    assert all(letter.isprintable() or letter == "\n" for letter in lines_of([text]))


def test_letters_of_all_scripts_stay():
    assert printable("payments-prod é 生产 إنتاج 🙂") == "payments-prod é 生产 إنتاج 🙂"


@pytest.mark.parametrize(
    "secret",
    [
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "IQoJb3JpZ2luX2VjE" + "aB3/+" * 60 + "==",
        "AKIAIOSFODNN7EXAMPLE",
    ],
)
def test_what_looks_like_a_secret_is_masked(secret):
    shown = masked(f"it said {secret} and more")
    assert secret not in shown
    assert shown.startswith("it said ")
    assert shown.endswith(" and more")


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::123456789012:role/a-very-long-name-of-a-role-that-is-no-secret-at-all",
        "/home/ana/.aws/cli/cache/0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33.json",
    ],
)
def test_names_are_not_masked(text):
    assert masked(text) == text
