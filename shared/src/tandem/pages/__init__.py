"""HTML pages of Tandem: one layout with the NHS.UK stylesheet, and headers under which nothing leaves the server."""
