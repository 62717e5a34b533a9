"""The letters people are sent: the templates as HTML, and the style."""
