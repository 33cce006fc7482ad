"""What names a person is found and kept out."""
