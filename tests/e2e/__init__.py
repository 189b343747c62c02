"""The functions as they are, against an emulated AWS account: a demonstration, and tests."""
