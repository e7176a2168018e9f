"""All dashboards there are."""

from typing import Final

from docs.generate.monitoring.business import BUSINESS
from docs.generate.monitoring.model import MODEL
from docs.generate.monitoring.nights import NIGHTS
from docs.generate.monitoring.service import SERVICE

BOARDS: Final = (SERVICE, NIGHTS, MODEL, BUSINESS)
