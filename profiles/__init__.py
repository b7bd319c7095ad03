"""AWS profiles, roles and sessions: the library behind rolecall, without any interface."""
