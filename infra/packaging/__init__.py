"""Folders that become layers and functions, built without docker; nothing here knows CDK."""
