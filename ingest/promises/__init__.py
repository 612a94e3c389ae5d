"""What is promised: departments' contracts and the province's plan, read and checked; what is generated from both."""
