"""What others would have built for the same job, to be measured beside ours."""
