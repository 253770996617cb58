"""Write `docs/cost.md` anew."""

from pathlib import Path

from infra.cost.page import page

(Path(__file__).parents[2] / "docs" / "cost.md").write_text(page(), "utf-8")
