"""Signing people in to the pages: OpenID Connect, authorization code with PKCE, and a session in a cookie."""
