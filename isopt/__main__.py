"""Lets ``python -m isopt`` do what the command ``isopt`` does."""

from isopt.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
