"""Raw records into frames, and the columns of a frame as whoever reads them wants them."""
