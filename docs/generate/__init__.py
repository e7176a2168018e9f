"""What the pages in docs/ repeat of code, declarations and runs, written from those."""
