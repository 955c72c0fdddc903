"""Policies of offices, as files: with a parameter of each kind, and by county."""

KERN = """
id = "ca-kern-2026"
title = "Kern County, as the memo has it"
charges = "prop64-and-related"

[parameters]
age = { default = 50, min = 40, max = 65, off = 0, meaning = "dismiss for people of that age" }
years = { default = 10, min = 0, max = 100000, meaning = "years without a conviction" }
before = { default = 2016-11-09, min = 1996-01-01, meaning = "only convictions before that day" }
misdemeanors = { default = true, meaning = "dismiss misdemeanors" }

[[rule]]
if = ["event_date >= {before}"]
then = "not-eligible"
because = "After {before}"

[[rule]]
if = ["not felony"]
then = "dismiss"
because = "Misdemeanor or infraction"
when = ["{misdemeanors}"]

[[rule]]
if = ["age >= {age}"]
then = "dismiss"
because = "{age} years or older"
when = ["{age}"]

[[rule]]
if = ["years_since_conviction >= {years}"]
then = "reduce"
because = "{code_section} is {years} years old"
"""

MAP = """
title = "As each chose"
[default]
policy = "ca-bear-default"
[counties."LOS ANGELES"]
policy = "ca-los-angeles-2019"
parameters = { age = 60 }
"""
