"""What `rolecall doctor` looks at: a file for each kind of thing, each with one `check`."""
