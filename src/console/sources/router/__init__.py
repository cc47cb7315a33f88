"""Labels, fits and fitted models of the router, as files and numbers."""
