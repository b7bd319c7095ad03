"""Moto as a process that ends with whoever holds its standard input: `moto_keeper.py SOCKET`."""

import os
import sys
import threading


def end_with_the_starter():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_the_starter, daemon=True).start()

from moto.server import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

application = DomainDispatcherApplication(create_backend_app)
application.debug = True
make_server("127.0.0.1", 0, application, threaded=True, fd=int(sys.argv[1])).serve_forever()
