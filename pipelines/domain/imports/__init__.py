"""What files people bring must hold, column by column."""
