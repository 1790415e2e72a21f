"""What runs inside a wrapper process."""
