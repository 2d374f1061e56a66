"""The pages of the report, one module each: `page(build)` returns what its template prints."""
