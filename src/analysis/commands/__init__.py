"""The ``workbench`` commands: where stages meet, each called by its public names."""
