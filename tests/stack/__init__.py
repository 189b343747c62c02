"""The templates, without an AWS account: translated, linted, and compared with the code."""
