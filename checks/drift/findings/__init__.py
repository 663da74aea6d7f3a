"""What a plan means: findings and their severity, what follows from which, what is ignored."""
