"""Made-up national scenarios of any size: real towns, invented firms, cited prices and factors."""

from isopt.synthetic.country import country_tables, new_synthetic, synthetic_country
from isopt.synthetic.dials import Dials

__all__ = ["Dials", "country_tables", "new_synthetic", "synthetic_country"]
