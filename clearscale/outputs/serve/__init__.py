"""A page with controls: what each of the counties' eligibility options would do, served to this machine only."""
