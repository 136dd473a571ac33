"""Where the platform runs on AWS: CDK, one construct per kind, looping over the manifest."""
