"""What leaves the archive: booking batches, tables and packs of documents, as jobs."""
