"""No test sees this machine's own AWS: its variables are gone before anything is imported."""

import os
import signal
import tempfile

for _name in list(os.environ):
    if _name.startswith(("AWS_", "ROLECALL_", "AWSUME_", "XDG_")):
        del os.environ[_name]
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
# A home that does not exist: whoever reads it finds nothing, whoever writes it is found out.
os.environ["HOME"] = f"{tempfile.gettempdir()}/no-home-in-tests"

# A shell's job in the background ignores ctrl+c, and so would all that is started here.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

from tests.world.console import aws_console  # noqa: E402, F401
from tests.world.fixtures import (  # noqa: E402, F401
    _ministack,
    _moto,
    center,
    cloud,
    company,
    home,
    lonely_home,
    ministack,
    moto,
    strict,
)
from tests.world.issuer import issuer  # noqa: E402, F401
from tests.world.node_world import node  # noqa: E402, F401
from tests.world.ports import port  # noqa: E402, F401
