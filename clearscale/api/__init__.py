"""The functions that `import clearscale` offers, in one module for all that load the same things.

Nothing is imported here: what a command does not use, it need not wait for. Loading is most of the time of a short
command.
"""
