"""What tests ask for. A server lives as long as its worker; each test finds it empty."""

from __future__ import annotations

import pytest

from tests.world.cloud import Ministack, Moto
from tests.world.company import Company
from tests.world.home import Home
from tests.world.identity_center import IdentityCenter
from tests.world.strict import Strict


@pytest.fixture(scope="session")
def _ministack(tmp_path_factory):
    running = Ministack(tmp_path_factory.mktemp("ministack"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def _moto(tmp_path_factory):
    running = Moto(tmp_path_factory.mktemp("moto"))
    yield running
    running.stop()


@pytest.fixture
def ministack(_ministack):
    """An empty ministack."""
    _ministack.reset()
    return _ministack


@pytest.fixture
def moto(_moto):
    """An empty moto that enforces."""
    _moto.reset()
    return _moto


@pytest.fixture
def cloud(request):
    """The emulator behind `strict`: ministack, or what `@each_cloud` says."""
    return request.getfixturevalue(getattr(request, "param", "ministack"))


each_cloud = pytest.mark.parametrize("cloud", ["ministack", "moto"], indirect=True)
"""Run a test on every emulator."""


@pytest.fixture
def strict(cloud):
    """A gateway in front of the emulator, with AWS's limits and with test doors."""
    with Strict(cloud.url) as gateway:
        yield gateway


@pytest.fixture
def company(cloud, strict):
    """What fills the emulator."""
    return Company(cloud, strict)


@pytest.fixture
def home(tmp_path, strict):
    """A home folder whose AWS is `strict`."""
    made = Home(tmp_path / "home", strict.url)
    yield made
    made.close()


@pytest.fixture
def lonely_home(tmp_path):
    """A home folder without any AWS: connections to it are refused."""
    made = Home(tmp_path / "home", "http://127.0.0.1:9")
    yield made
    made.close()


@pytest.fixture
def center(company, strict, home):
    """An IAM Identity Center, where the home's clients find it."""
    with IdentityCenter(company, strict) as made:
        home.env |= made.env
        yield made
