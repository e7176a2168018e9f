"""Models: how one is made, and how it becomes champion."""
