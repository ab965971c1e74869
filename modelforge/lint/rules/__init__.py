"""One file per judgement."""
