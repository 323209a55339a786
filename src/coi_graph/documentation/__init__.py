"""The documentation that the application serves: Markdown of the repository as pages."""
