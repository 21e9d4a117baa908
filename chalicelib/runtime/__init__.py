"""What every Lambda function needs to run."""
