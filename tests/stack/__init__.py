"""The stack before it is deployed: template, event patterns and dashboard."""
