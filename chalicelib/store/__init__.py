"""DynamoDB and S3, one module per aggregate."""
