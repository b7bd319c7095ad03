"""Where a session goes: one file per destination, all behind one protocol."""
