"""Passing on the week's summary: a mail file or a group robot. Off unless the settings say so."""
