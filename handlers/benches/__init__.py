"""What `coding-helper bench` measures, one module for each figure."""
