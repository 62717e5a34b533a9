"""The catalogue: versions of definitions and value sets as they are installed, and what each network chose of them."""
