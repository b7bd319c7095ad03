"""How a session is got: one file per kind of source, all behind one protocol."""
