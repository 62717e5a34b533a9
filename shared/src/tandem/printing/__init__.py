"""What is read on paper or on a screen by people: blocks of text, as a page of HTML and as a PDF."""
