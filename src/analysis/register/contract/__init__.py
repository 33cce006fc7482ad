"""What a valid table is: columns, types, limits, and the faults that are told."""
