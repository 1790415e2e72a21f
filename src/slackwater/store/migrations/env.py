"""Alembic's entry: it runs inside the transaction that `store.migrate` opened."""

from alembic import context

from slackwater.store.node_tables import nodes

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=nodes.metadata, transactional_ddl=False, render_as_batch=True)
context.run_migrations()
