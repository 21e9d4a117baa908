"""Step 6, mails go out."""
