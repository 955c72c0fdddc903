"""Charges of any format as numbers, person by person: what policies that know charges, cases and people ask."""
