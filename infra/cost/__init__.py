"""What a stage costs on paper: prices, what the code uses, and the page that both make. `python -m infra.cost`."""
