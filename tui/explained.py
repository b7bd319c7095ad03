"""An explanation in lines, for the command and for the picker."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from profiles.catalogue.behind import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiles.insight.explanation import Explanation, HopFound
    from profiles.insight.provider_chain import Chain

_START = r"(?<![\w./~:-])"
"""Where a path starts: not in the middle of another, nor of an address."""
STRONG, PLAIN, MUTED, BAD = "strong", "plain", "muted", "bad"


class Line(NamedTuple):
    """One line.

    Attributes:
        text: it.
        weight: how it is to be read: `strong`, `plain`, `muted` or `bad`.
    """

    text: str
    weight: str = PLAIN


def explained(said: Explanation, home: str) -> Iterator[Line]:
    """Every line of an explanation, in order; the home folder is written `~`."""
    # A home that is the first folder is in every path, and in every address besides.
    parts = re.escape(home.rstrip("/"))
    for text, weight in _lines(said):
        yield Line(re.sub(f"{_START}{parts}/", "~/", text) if parts else text, weight)


def _lines(said: Explanation) -> Iterator[Line]:
    if said.problem and not any(hop.failure for hop in said.hops):
        yield Line(f"fails: {said.problem}", BAD)
    failing = said.failing
    for at, hop in enumerate(said.hops):
        yield from _hop(at + 1, hop)
        if at == failing:
            yield from _helps(said)
    if failing is None:
        yield from _helps(said)
    for sentence in said.wins:
        yield Line(sentence)
    if said.region:
        yield Line(f"region {said.region[0]}, by {said.region[1]}")
    if said.chains:
        # boto3 and AWS CLI v1 take another profile where two variables name different ones.
        profiles = dict.fromkeys(chain.profile for chain in said.chains)
        one = len(profiles) == 1
        yield Line(f"clients with {next(iter(profiles))} as profile" if one else "clients")
        alike: dict[tuple[str, ...], list[str]] = {}
        for chain in said.chains:
            profile = "" if one else f" (profile {chain.profile})"
            taken_by = alike.setdefault(tuple(_taken(chain, said.region)), [])
            taken_by.append(f"{chain.client}{profile}")
        for (taken, *passed_over), clients in alike.items():
            everyone = one and len(clients) == len(said.chains)
            yield Line(f"   {'all' if everyone else ', '.join(clients)}: {taken}")
            for step in passed_over:
                yield Line(f"      {step}", MUTED)


def _helps(said: Explanation) -> Iterator[Line]:
    for cause in said.causes:
        yield Line(f"   why: {cause}", BAD)
    if said.hint:
        yield Line(f"   hint: {said.hint}")


def _hop(number: int, hop: HopFound) -> Iterator[Line]:
    yield Line(f"{number}. {hop.name} ({KINDS.get(hop.kind, hop.kind)})", STRONG)
    if hop.where:
        yield Line(f"   named in {hop.where}", MUTED)
    if hop.role_arn:
        yield Line(f"   assumes {hop.role_arn}", MUTED)
    for wanted in hop.wants:
        yield Line(f"   sends {wanted}", MUTED)
    for known in (hop.session, hop.lasts):
        if known:
            yield Line(f"   {known}", MUTED)
    if hop.failure:
        yield Line(f"   fails: {hop.failure}", BAD)
    elif hop.tried:
        yield Line("   works")


def _taken(chain: Chain, region: tuple[str, str] | None) -> Iterator[str]:
    """What a client takes or where it fails, then what it passes over, and its own region."""
    winner, failing = chain.winner, chain.failing
    if chain.failure:
        yield f"fails: {chain.failure}"
    elif failing is not None:
        yield f"fails at {failing.words}, {failing.where}: {failing.lacks}"
    elif winner is None:
        yield "nothing in files and variables"
    else:
        yield f"{winner.words}, {winner.where}"
    for step in chain.passed_over:
        why = f": {step.lacks}" if step.lacks else ""
        yield f"passes over {step.words}, {step.where}{why}"
    if chain.region is not None and (region is None or chain.region[0] != region[0]):
        where = f"region {chain.region[0]}, by" if chain.region[0] else "no region: nothing is in"
        yield f"in {where} {chain.region[1]}"
    elif chain.region is None and region is not None:
        yield f"in no region: it does not read {region[1]}"
