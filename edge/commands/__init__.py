"""The subcommands of `edge`, one module each. A module's `command` is the click command."""
