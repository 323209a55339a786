"""Changes to the ledger's tables, one file a change. `schema` says how they end."""
