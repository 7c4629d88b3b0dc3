"""The reader over HTTP: endpoints, their description, the page."""
