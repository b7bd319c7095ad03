"""The app under a pilot, its pictures, and in a real pty."""
