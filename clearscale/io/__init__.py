"""Files of this machine and of object stores. Nothing here knows of law."""
