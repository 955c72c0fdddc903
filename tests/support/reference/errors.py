"""The one error of the reference."""


class GogenError(Exception):
    """The extract or the policy is refused; the text is gogen's message where gogen has one."""
