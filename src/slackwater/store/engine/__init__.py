"""Runs the database: connections, the writer, migrations, locks, backup, encryption."""
