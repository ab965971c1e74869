"""What a starter spec says, made from what a file or folder of data looks like."""
