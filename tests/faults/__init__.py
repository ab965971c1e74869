"""Training that is disturbed: killed, starved of disk, its files damaged or taken away."""
