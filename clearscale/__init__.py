"""clearscale: clears old marijuana convictions statewide."""
