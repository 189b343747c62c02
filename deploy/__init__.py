"""What a person runs against a deployed stack."""
