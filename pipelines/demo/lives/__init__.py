"""What happens to generated subscribers, week by week, and why they leave."""
