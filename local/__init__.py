"""The one-command local run, packaging and deployment; never part of the package itself."""
