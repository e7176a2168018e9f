"""What people who watch the product look at: Grafana's dashboards, and copies of the rules."""
