"""What a release contains, and that it can be deployed as it is."""
