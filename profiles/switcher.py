"""The one way through: target, role, source, session, destinations. App and commands use it alike."""
