"""How facts travel from step to step."""
