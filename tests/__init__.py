"""Tests mirror the code's folders; `support` holds what they share, `golden` what the existing programs wrote."""
