"""Workers: processes that train together, and what becomes of them."""
