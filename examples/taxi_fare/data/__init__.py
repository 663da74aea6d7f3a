"""What the project's tables hold and how they are read and written."""
