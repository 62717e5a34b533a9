"""The letters people are sent: the templates as HTML, the style, and the fonts of the PDF."""
