"""How good scores are: ranking, losses, calibration, decisions, profit, and who they fail."""
