"""What a check found: what is wrong, where, and what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Fix(NamedTuple):
    """What rolecall can do about a finding.

    Attributes:
        says: what it would do, as the end of a question: `chmod 600 …`.
        run: does it; raises a RolecallError or OSError where it cannot.
    """

    says: str
    run: Callable[[], object]


class Finding(NamedTuple):
    """Something that a check found.

    Attributes:
        code: of what kind it is: `permissions`, `misspelt-key`, …
        where: a file, with its line where there is one; a variable; a profile.
        summary: one sentence, without a full stop and without secrets.
        remedy: what to do.
        broken: something does not work, or is open to others; else it deserves a look.
        fix: None where only a person can mend it.
    """

    code: str
    where: str
    summary: str
    remedy: str
    broken: bool = True
    fix: Fix | None = None
