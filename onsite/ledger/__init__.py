"""Records people trust: history, audit, backups, one person's data. How grades come about is not known here."""
