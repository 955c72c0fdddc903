"""Files as they really come: each is right, or refused, or stored with a finding that says what is wrong."""
