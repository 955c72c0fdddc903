"""The front page of a folder: extracts in, a policy chosen, decisions and files out, without a shell."""
