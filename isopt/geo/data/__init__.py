"""Tables that ship with isopt, and the scripts that build them from open data."""
