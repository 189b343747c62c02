"""The stack before it is deployed: template, event patterns, dashboard, and an emulated deployment."""
