"""What a person runs for a deployed stack."""
