"""The emulated AWS of `rolecall demo`: an emulator, what it lets pass, an example company."""
