"""Bank statements in all the forms that banks hand them out."""
