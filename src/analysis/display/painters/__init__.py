"""One kind of plot each, painted on a canvas."""
