"""Makes, changes and reads the sources of a server, one by one or from a YAML file (`slackwater sources`, `apply`)."""
